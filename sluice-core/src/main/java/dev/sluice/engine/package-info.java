/** How an operation waits: one engine a file, completion-shaped. */
@NullMarked
package dev.sluice.engine;

import org.jspecify.annotations.NullMarked;

/** Who runs the sessions: a thread for each connection, virtual threads, processes, or loops. */
@NullMarked
package dev.sluice.threading;

import org.jspecify.annotations.NullMarked;

/** What users program against: the contract between a protocol and an I/O model. */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;

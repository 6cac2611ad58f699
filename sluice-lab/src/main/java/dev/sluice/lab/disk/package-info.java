/** The comparison of disk engines: the same file read and written through each of them, every block checked. */
@NullMarked
package dev.sluice.lab.disk;

import org.jspecify.annotations.NullMarked;

/** HTTP/1.1 as a sans-I/O session: no descriptor, no loop, no thread, no clock. */
@NullMarked
package dev.sluice.http;

import org.jspecify.annotations.NullMarked;

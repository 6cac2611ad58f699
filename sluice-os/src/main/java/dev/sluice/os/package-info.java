/** The kernel through {@code java.lang.foreign}: one file a facility, no policy. */
@NullMarked
package dev.sluice.os;

import org.jspecify.annotations.NullMarked;

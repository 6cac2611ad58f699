/**
 * System calls and kernel structures, reached without native code of our own.
 *
 * <p>Every binding returns the call's value or {@code -errno}, never throws for what the kernel answered, and takes as
 * its last parameter the {@link CallState} into which {@code errno} is captured in the same downcall. A function that
 * the running C library lacks answers {@code -ENOSYS}. Addresses and lengths are raw {@code long}s: the caller owns the
 * memory and keeps it alive for as long as the kernel may touch it. Constants have the values of the running system;
 * one that it doesn't know is 0 where it is a flag and -1 otherwise.
 */
@NullMarked
package dev.sluice.os;

import org.jspecify.annotations.NullMarked;

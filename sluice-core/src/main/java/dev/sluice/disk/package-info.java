/** Files read and written without holding up a loop: one completion-shaped interface, and the engines behind it. */
@org.jspecify.annotations.NullMarked
package dev.sluice.disk;

/** The sources of events behind {@link dev.sluice.events}: each a descriptor that a domain watches, or a thread that reports. */
@org.jspecify.annotations.NullMarked
package dev.sluice.source;

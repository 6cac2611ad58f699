/** The engines behind {@link dev.sluice.disk.Disk}. */
@org.jspecify.annotations.NullMarked
package dev.sluice.storage;

/** The durable log of the store: checksummed records in segments, group commit, recovery, and compaction to a snapshot. */
@org.jspecify.annotations.NullMarked
package dev.sluice.kv.log;

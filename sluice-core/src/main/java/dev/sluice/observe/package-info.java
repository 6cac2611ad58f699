/** What a running server tells of itself: incidents, Flight Recorder events, reports of loops and connections, latencies. */
@org.jspecify.annotations.NullMarked
package dev.sluice.observe;

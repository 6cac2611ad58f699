/** A seeded, deterministic network in virtual time, with faults: the model {@code sim}, and the worlds that it runs in. */
@org.jspecify.annotations.NullMarked
package dev.sluice.sim;

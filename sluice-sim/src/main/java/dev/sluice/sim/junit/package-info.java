/** Simulated worlds in tests of one's own. */
@org.jspecify.annotations.NullMarked
package dev.sluice.sim.junit;

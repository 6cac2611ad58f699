/** Worlds by the thousand: runs seeds, tells what failed and how to see it again, and makes it shorter. */
@org.jspecify.annotations.NullMarked
package dev.sluice.sim.campaign;

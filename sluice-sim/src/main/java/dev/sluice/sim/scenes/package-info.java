/** What takes place in worlds: the bundled services, and clients of all sorts that hold them to what they must answer. */
@org.jspecify.annotations.NullMarked
package dev.sluice.sim.scenes;

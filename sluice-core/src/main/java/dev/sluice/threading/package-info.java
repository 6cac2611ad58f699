/** Who runs the loops and the sessions' callbacks, and the state machine of a connection that they share. */
@org.jspecify.annotations.NullMarked
package dev.sluice.threading;

package dev.sluice;

/** What kinds of waiting there are. */
public enum Family {
    BLOCKING,
    POLLING,
    REACTOR,
    PROACTOR,
    /** Simulated: for tests, never for users. */
    SIMULATION
}

package dev.sluice.lab.load;

/** How requests of an open loop are spread over time. */
public enum Arrivals {
    /** As many independent users send them: the gaps are exponentially distributed. */
    POISSON,
    /** At equal gaps. */
    EVEN
}

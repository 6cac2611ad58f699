package dev.sluice.conformance;

/** Takes what a play sees to the test's {@link Witness}; from any thread, without waiting. */
@FunctionalInterface
interface Trace {
    void say(String line);
}

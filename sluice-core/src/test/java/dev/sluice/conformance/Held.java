package dev.sluice.conformance;

/** A session of this process that holds its thread, by which it holds a loop, until the test lets it go. */
final class Held {
    private static volatile boolean released;
    private static volatile boolean holding;

    private Held() {}

    /** Before a session may hold. */
    static void begin() {
        released = false;
        holding = false;
    }

    /** By the session. */
    static void hold() {
        holding = true;
        while (!released) {
            Thread.onSpinWait();
        }
    }

    static boolean isHolding() {
        return holding;
    }

    static void release() {
        released = true;
    }
}

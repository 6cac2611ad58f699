package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Lines of standard input, each of which lets one step begin. */
final class Steps {
    /** More than there are steps, and few enough to be released twice. */
    private static final int ALL = 1 << 28;

    private final Semaphore lines = new Semaphore(0);
    private final Consumer<String> told;

    Steps(Consumer<String> told) {
        this.told = told;
    }

    /** Says what is next, and waits for its line. */
    void await(String name, int depth) throws InterruptedException {
        told.accept("next " + name + ", " + depth + " in flight");
        lines.acquire();
    }

    /** Lets all that is left begin. */
    void end() {
        lines.release(ALL);
    }

    /**
     * Begins to read, on a thread of its own.
     *
     * @param over run at the end of the input
     */
    void readUntilEnd(Runnable over) {
        Thread.ofPlatform().daemon().name("sluice-steps").start(() -> {
            try {
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                while (in.readLine() != null) {
                    lines.release();
                }
            } catch (IOException e) {
                told.accept("standard input can't be read, so this is its end: " + e.getMessage());
            }
            over.run();
        });
    }
}

package dev.sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a command says of its progress: on a terminal one line that changes, else a line each time. */
final class LiveLine {
    private final PrintWriter err;
    private final boolean terminal = isTerminal();
    private boolean open;

    LiveLine(PrintWriter err) {
        this.err = err;
    }

    /**
     * Says something.
     *
     * @param last whether the next thing that is said begins a new line
     */
    void say(String line, boolean last) {
        if (terminal) {
            err.print("\r" + line + "\033[K" + (last ? System.lineSeparator() : ""));
            open = !last;
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Says something where there is a terminal. */
    void show(String line) {
        if (terminal) {
            say(line, false);
        }
    }

    /** Takes back what {@link #show} left standing. */
    void clear() {
        if (open) {
            err.print("\r\033[K");
            err.flush();
            open = false;
        }
    }

    /** Whether standard error is a terminal; the JDK tells only of standard input and output. */
    private static boolean isTerminal() {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
        } catch (IOException e) {
            return false; // not Linux: a line each time is right anywhere
        }
    }
}

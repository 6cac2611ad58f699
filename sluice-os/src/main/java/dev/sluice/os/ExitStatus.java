package dev.sluice.os;

/**
 * How a process ended, as one number: 0 to 255 is the code that it exited with, {@code 256 + signal} the signal that
 * killed it.
 */
public final class ExitStatus {
    private static final int KILLED = 256;

    private ExitStatus() {}

    static int exited(int code) {
        return code & 0xff;
    }

    static int killed(int signal) {
        return KILLED + signal;
    }

    /** The status of waitpid(2): WIFEXITED, WEXITSTATUS, WTERMSIG. */
    static int ofWait(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? exited(status >> 8) : killed(signal);
    }

    public static boolean isKilled(int status) {
        return status > KILLED;
    }

    /** The signal that killed the process, or 0 if it exited. */
    public static int signal(int status) {
        return isKilled(status) ? status - KILLED : 0;
    }

    /** As in {@code exited with code 1} or {@code killed by signal 9}. */
    public static String describe(int status) {
        return isKilled(status) ? "killed by signal " + signal(status) : "exited with code " + status;
    }
}

package dev.sluice.os;

import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** Which system and processor this is, and the numbers that depend on nothing else: page size and signals. */
public final class Platform {
    /** The systems whose structures and constants are known; {@link #OTHER} gets the portable JDK models only. */
    public enum Os {
        LINUX,
        MACOS,
        FREEBSD,
        OTHER
    }

    /** The processors whose structures are known; each is little-endian with 64-bit pointers. */
    public enum Arch {
        X86_64,
        AARCH64,
        OTHER
    }

    public static final Os OS = os(System.getProperty("os.name", ""));
    public static final Arch ARCH = arch(System.getProperty("os.arch", ""));

    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGABRT = 6;
    public static final int SIGKILL = 9;
    public static final int SIGSEGV = 11;
    public static final int SIGPIPE = 13;
    public static final int SIGALRM = 14;
    public static final int SIGTERM = 15;
    public static final int SIGBUS = pick(7, 10, 10);
    public static final int SIGUSR1 = pick(10, 30, 30);
    public static final int SIGUSR2 = pick(12, 31, 31);
    public static final int SIGCHLD = pick(17, 20, 20);
    public static final int SIGCONT = pick(18, 19, 19);
    public static final int SIGSTOP = pick(19, 17, 17);
    public static final int SIGTSTP = pick(20, 18, 18);
    public static final int SIGURG = pick(23, 16, 16);
    public static final int SIGIO = pick(29, 23, 23);
    public static final int SIGWINCH = 28;

    private Platform() {}

    public static boolean isLinux() {
        return OS == Os.LINUX;
    }

    public static boolean isMacos() {
        return OS == Os.MACOS;
    }

    public static boolean isFreebsd() {
        return OS == Os.FREEBSD;
    }

    /** The size of a memory page in bytes, from getpagesize(2). */
    public static int pageBytes() {
        return Page.BYTES;
    }

    /**
     * Links what calls the kernel, which otherwise the first call does and which takes some 20 ms: for a thread that has
     * nothing better to do while a program starts.
     */
    public static void link() {
        Native.link();
    }

    /** The kernel's release as the JDK reports it, such as {@code 6.18.1}; for messages, never for a decision. */
    public static String kernelRelease() {
        return System.getProperty("os.version", "unknown");
    }

    /** The value of a constant on the running system; a system that isn't known is given Linux's. */
    static int pick(int linux, int macos, int freebsd) {
        return switch (OS) {
            case LINUX, OTHER -> linux;
            case MACOS -> macos;
            case FREEBSD -> freebsd;
        };
    }

    private static Os os(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("linux")) {
            return Os.LINUX;
        }
        if (lower.startsWith("mac")) {
            return Os.MACOS;
        }
        return lower.startsWith("freebsd") ? Os.FREEBSD : Os.OTHER;
    }

    private static Arch arch(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> Arch.X86_64;
            case "aarch64", "arm64" -> Arch.AARCH64;
            default -> Arch.OTHER;
        };
    }

    private static final class Page {
        private static final MemorySegment GETPAGESIZE = Native.function("getpagesize");
        static final int BYTES = bytes();

        private Page() {}

        private static int bytes() {
            CallState state = CallState.global();
            int result = state.result(Native.intCall(GETPAGESIZE, state));
            return SysException.check(result, "getpagesize", "");
        }
    }
}

package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Signals as a means to interrupt a thread's blocking call: sigaction(2), pthread_sigmask(3), tgkill(2), kill(2).
 *
 * <p>A signal that arrives just before the call is lost, so whoever interrupts sends again until the thread
 * acknowledges; or the thread blocks the signal and lets it in only through {@link Poll#ppoll}.
 *
 * <pre>
 * struct sigaction { void (*sa_handler)(int); sigset_t sa_mask; int sa_flags;
 *                    void (*sa_restorer)(void); };                               // 152 bytes, glibc and musl
 * struct sigaction { void (*sa_handler)(int); sigset_t sa_mask; int sa_flags; }; //  16 bytes, macOS
 * struct sigaction { void (*sa_handler)(int); int sa_flags; sigset_t sa_mask; }; //  32 bytes, FreeBSD
 * </pre>
 */
public final class Signals {
    public static final int SIG_BLOCK = Platform.pick(0, 1, 1);
    public static final int SIG_UNBLOCK = Platform.pick(1, 2, 2);
    public static final int SIG_SETMASK = Platform.pick(2, 3, 3);

    /**
     * The signal that interrupts: SIGURG, which nobody else here uses (HotSpot has SIGUSR2, SIGQUIT, SIGSEGV and
     * others, the JDK's sockets SIGRTMAX - 2 or SIGIO, the C library 32 to 34) and whose default is to be ignored, so
     * that a stray one harms no process without the handler. Go preempts with it for the same reasons. A real-time
     * signal would be queued as often as it is sent, and a thread signalled in haste would do nothing but run handlers;
     * of this one at most one is pending.
     */
    public static final int WAKE = Platform.SIGURG;

    static final StructLayout SIGACTION = layout();
    private static final long HANDLER = SIGACTION.byteOffset(groupElement("sa_handler"));
    private static final long FLAGS = SIGACTION.byteOffset(groupElement("sa_flags"));

    private static final MemorySegment SIGACTION_CALL = Native.function("sigaction");
    private static final MemorySegment SIGMASK = Native.function("pthread_sigmask");
    private static final MemorySegment KILL = Native.function("kill");
    private static final MemorySegment GETTID = Native.function("gettid");
    private static final MemorySegment PTHREAD_SELF = Native.function("pthread_self");
    private static final MemorySegment PTHREAD_KILL = Native.function("pthread_kill");
    // 234 on x86-64 and 131 on aarch64 (asm/unistd_64.h, asm-generic/unistd.h); glibc wraps it since 2.30 only.
    private static final int NR_TGKILL = Platform.ARCH == Platform.Arch.AARCH64 ? 131 : 234;

    private static final int PID = Math.toIntExact(ProcessHandle.current().pid());

    private Signals() {}

    /**
     * Gives a signal a handler that does nothing, without SA_RESTART: a blocking call that it hits answers
     * {@code -EINTR}.
     *
     * <p>The handler is {@code abs(3)}: an {@code int} parameter as a handler has it, one arithmetic instruction, no
     * memory, no locks, no errno. An upcall into Java would attach and stop a thread wherever it is.
     */
    public static int ignoreWithInterrupt(int signal, CallState state) {
        long abs = Native.address("abs");
        return abs == 0 ? -Errno.ENOSYS : handle(signal, abs, state);
    }

    /** Gives a signal its default effect back. */
    public static int restoreDefault(int signal, CallState state) {
        return handle(signal, 0, state); // SIG_DFL
    }

    /** Changes the calling thread's mask: {@code how} is SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK. */
    public static int sigmask(int how, SignalSet set, CallState state) {
        return mask(how, set.address(), 0, state);
    }

    /**
     * Reads the calling thread's mask into a set, for {@link Poll#ppoll} to wait with a mask that differs by a signal.
     */
    public static int currentMask(SignalSet into, CallState state) {
        return mask(SIG_BLOCK, 0, into.address(), state);
    }

    /**
     * The calling thread, for {@link #interrupt}: the kernel's thread id on Linux, elsewhere its pthread_t. Of a
     * virtual thread it is the carrier of the moment.
     */
    public static long self(CallState state) {
        return Platform.isLinux() ? Native.intCall(GETTID, state) : Native.longCall(PTHREAD_SELF, state);
    }

    /**
     * Sends a signal to a thread of this process.
     *
     * @param thread what {@link #self} said; elsewhere than on Linux the thread must still live
     * @return 0, or -errno: {@code -ESRCH} if the thread is gone
     */
    public static int interrupt(long thread, int signal, CallState state) {
        if (Platform.isLinux()) {
            return (int) state.result(Native.longCall(Native.SYSCALL, state, NR_TGKILL, PID, thread, signal));
        }
        return Native.negated(Native.intCall(PTHREAD_KILL, state, thread, signal));
    }

    /** kill(2): a signal to a process, or with 0 only the question whether it is there. */
    public static int kill(int pid, int signal, CallState state) {
        return state.result(Native.intCall(KILL, state, pid, signal));
    }

    private static int handle(int signal, long handler, CallState state) {
        long action = state.scratch();
        NativeMemory.clear(action, SIGACTION.byteSize());
        NativeMemory.putLong(action + HANDLER, handler);
        NativeMemory.putInt(action + FLAGS, 0);
        return state.result(Native.intCall(SIGACTION_CALL, state, signal, action, 0));
    }

    private static int mask(int how, long set, long old, CallState state) {
        return Native.negated(Native.intCall(SIGMASK, state, how, set, old));
    }

    private static StructLayout layout() {
        ValueLayout.OfLong handler = ValueLayout.JAVA_LONG.withName("sa_handler");
        ValueLayout.OfInt flags = ValueLayout.JAVA_INT.withName("sa_flags");
        return switch (Platform.OS) {
            case LINUX, OTHER ->
                MemoryLayout.structLayout(
                        handler,
                        MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_LONG).withName("sa_mask"),
                        flags,
                        MemoryLayout.paddingLayout(4),
                        ValueLayout.JAVA_LONG.withName("sa_restorer"));
            case MACOS -> MemoryLayout.structLayout(handler, ValueLayout.JAVA_INT.withName("sa_mask"), flags);
            case FREEBSD ->
                MemoryLayout.structLayout(
                        handler,
                        flags,
                        MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_INT).withName("sa_mask"),
                        MemoryLayout.paddingLayout(4));
        };
    }
}

package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Waking one thread out of a blocking call with a signal whose handler does nothing: sigaction(2), gettid(2), tgkill(2).
 *
 * <pre>struct sigaction { void (*sa_handler)(int); sigset_t sa_mask; int sa_flags; void (*sa_restorer)(void); };</pre>
 *
 * 152 bytes in the C libraries of 64-bit Linux, whose sigset_t has 128 bytes.
 */
public final class Signals {
    /**
     * What wakes a thread. SIGURG is ignored where no handler is installed, isn't queued when it comes often, and neither
     * the virtual machine nor the JDK uses it; the kernel sends it only to who asked with F_SETOWN.
     */
    public static final int WAKE_UP = Platform.SIGURG;

    private static final StructLayout SIGACTION = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("sa_handler"),
            MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_LONG).withName("sa_mask"),
            ValueLayout.JAVA_INT.withName("sa_flags"),
            MemoryLayout.paddingLayout(4),
            ValueLayout.JAVA_LONG.withName("sa_restorer"));

    private static final long SA_HANDLER = SIGACTION.byteOffset(groupElement("sa_handler"));

    private static final MethodHandle SIGACTION_CALL = Native.intCall("sigaction", INT, LONG, LONG);
    private static final MethodHandle GETTID = Native.intCall("gettid", new ValueLayout[0]);
    private static final MethodHandle TGKILL = Native.intCall("tgkill", INT, INT, INT);
    private static final int PID = (int) ProcessHandle.current().pid();

    private Signals() {}

    /**
     * Installs a handler that does nothing for {@link #WAKE_UP}, without SA_RESTART, so that a call it interrupts ends
     * with EINTR. The handler is abs(3): a function of one int that touches nothing. Installing it twice changes nothing.
     */
    public static int installWakeUp(CallState state) {
        long handler = Native.address("abs");
        if (handler == 0) {
            return -Errno.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            long action = arena.allocate(SIGACTION).address();
            NativeMemory.putLong(action + SA_HANDLER, handler);
            return state.result((int) SIGACTION_CALL.invokeExact(state.segment(), WAKE_UP, action, 0L));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** The kernel's number of the calling thread, or -errno. */
    public static int gettid(CallState state) {
        try {
            return state.result((int) GETTID.invokeExact(state.segment()));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Sends {@link #WAKE_UP} to a thread of this process; {@code -ESRCH} if it has ended. */
    public static int wakeUp(int thread, CallState state) {
        try {
            return state.result((int) TGKILL.invokeExact(state.segment(), PID, thread, WAKE_UP));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}

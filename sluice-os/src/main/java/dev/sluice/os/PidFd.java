package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * pidfd_open(2), pidfd_send_signal(2) and waitid(2), since Linux 5.4: a process as a descriptor, readable once it has
 * ended, and never another one that was given the same number.
 *
 * <pre>
 * siginfo_t { int si_signo, si_errno, si_code; int pad; pid_t si_pid; uid_t si_uid; int si_status; ... }  // 128 bytes
 * </pre>
 */
public final class PidFd {
    static final StructLayout SIGINFO = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("si_signo"),
            ValueLayout.JAVA_INT.withName("si_errno"),
            ValueLayout.JAVA_INT.withName("si_code"),
            MemoryLayout.paddingLayout(4),
            ValueLayout.JAVA_INT.withName("si_pid"),
            ValueLayout.JAVA_INT.withName("si_uid"),
            ValueLayout.JAVA_INT.withName("si_status"),
            MemoryLayout.paddingLayout(100).withName("si_utime_and_later"));
    private static final long CODE = SIGINFO.byteOffset(groupElement("si_code"));
    private static final long CHILD = SIGINFO.byteOffset(groupElement("si_pid"));
    private static final long STATUS = SIGINFO.byteOffset(groupElement("si_status"));

    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int CLD_EXITED = 1;

    // The numbers are the same on every architecture; glibc wraps the calls since 2.36 only.
    private static final MethodHandle OPEN = Native.syscall(434, INT, INT);
    private static final MethodHandle SEND_SIGNAL = Native.syscall(424, INT, INT, LONG, INT);
    private static final MethodHandle WAITID = Native.intCall("waitid", INT, INT, LONG, INT);

    private PidFd() {}

    /** A descriptor, close-on-exec, of a process; or -errno, {@code -ENOSYS} elsewhere than on Linux. */
    public static int open(int pid, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        try {
            return (int) state.result((long) OPEN.invokeExact(state.segment(), pid, 0));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Sends a signal, or with 0 only asks; {@code -ESRCH} once the process has been waited for. */
    public static int sendSignal(int fd, int signal, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        try {
            return (int) state.result((long) SEND_SIGNAL.invokeExact(state.segment(), fd, signal, 0L, 0));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Waits for a child's end and reaps it: an {@link ExitStatus}, or -errno. */
    public static int await(int fd, CallState state) {
        return waitid(fd, WEXITED, state);
    }

    /** Reaps a child that has ended: an {@link ExitStatus}, or {@code -EAGAIN} while it runs, or -errno. */
    public static int reap(int fd, CallState state) {
        return waitid(fd, WEXITED | WNOHANG, state);
    }

    private static int waitid(int fd, int options, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        long info = state.scratch();
        NativeMemory.clear(info, SIGINFO.byteSize()); // With WNOHANG a zero si_pid says that nothing has ended.
        int result;
        try {
            result = state.result((int) WAITID.invokeExact(state.segment(), P_PIDFD, fd, info, options));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        if (result < 0) {
            return result;
        }
        if (NativeMemory.getInt(info + CHILD) == 0) {
            return -Errno.EAGAIN;
        }
        int status = NativeMemory.getInt(info + STATUS);
        return NativeMemory.getInt(info + CODE) == CLD_EXITED ? ExitStatus.exited(status) : ExitStatus.killed(status);
    }
}

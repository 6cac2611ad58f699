package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

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
    private static final int NR_PIDFD_SEND_SIGNAL = 424;

    private static final int NR_PIDFD_OPEN = 434;
    private static final MemorySegment WAITID = Native.function("waitid");

    private PidFd() {}

    /** A descriptor, close-on-exec, of a process; or -errno, {@code -ENOSYS} elsewhere than on Linux. */
    public static int open(int pid, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        return (int) state.result(Native.longCall(Native.SYSCALL, state, NR_PIDFD_OPEN, pid, 0));
    }

    /** Sends a signal, or with 0 only asks; {@code -ESRCH} once the process has been waited for. */
    public static int sendSignal(int fd, int signal, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        return (int) state.result(Native.longCall(Native.SYSCALL, state, NR_PIDFD_SEND_SIGNAL, fd, signal, 0, 0));
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
        result = state.result(Native.intCall(WAITID, state, P_PIDFD, fd, info, options));
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

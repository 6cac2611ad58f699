package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * signalfd(2), Linux: signals read from a descriptor. It sees those sent to the thread that reads, and those sent to
 * the process if every thread blocks them, which the virtual machine's own threads do only when they inherit the mask.
 *
 * <pre>
 * struct signalfd_siginfo { uint32_t ssi_signo; int32_t ssi_errno, ssi_code; uint32_t ssi_pid, ssi_uid; ... };  // 128
 * </pre>
 */
public final class SignalFd {
    public static final int SFD_NONBLOCK = 0x800;
    public static final int SFD_CLOEXEC = 0x8_0000;

    static final StructLayout SIGINFO = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("ssi_signo"),
            ValueLayout.JAVA_INT.withName("ssi_errno"),
            ValueLayout.JAVA_INT.withName("ssi_code"),
            ValueLayout.JAVA_INT.withName("ssi_pid"),
            ValueLayout.JAVA_INT.withName("ssi_uid"),
            MemoryLayout.paddingLayout(108).withName("ssi_fd_and_later"));
    private static final long SIGNO = SIGINFO.byteOffset(groupElement("ssi_signo"));
    private static final long PID = SIGINFO.byteOffset(groupElement("ssi_pid"));

    private static final MemorySegment SIGNALFD = Native.function("signalfd");

    private SignalFd() {}

    /** A descriptor for the signals of a set, which the reading thread must block; or -errno. */
    public static int signalfd(SignalSet set, int flags, CallState state) {
        return state.result(Native.intCall(SIGNALFD, state, -1, set.address(), flags));
    }

    /** One signal and who sent it as {@code signal | pid << 32}, see {@link Descriptors#first}; or -errno. */
    public static long read(int fd, CallState state) {
        long info = state.scratch();
        long result = Descriptors.read(fd, info, SIGINFO.byteSize(), state);
        return result < 0
                ? result
                : Descriptors.pair(NativeMemory.getInt(info + SIGNO), NativeMemory.getInt(info + PID));
    }
}

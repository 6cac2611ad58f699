package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That one handle of seven longs calls functions of every signature. */
class NativeTest {
    private static final int CALLS = 1000;
    private static final int WINDOWS = 20;

    private final CallState state = CallState.global();

    /** Of each way to errno: our own, and the JDK's, which is taken wherever an arena is given. */
    static Stream<CallState> states() {
        return Stream.of(CallState.global(), new CallState(), new CallState(Arena.ofAuto()));
    }

    @ParameterizedTest
    @MethodSource("states")
    void aNegativeIntArrivesAndReturns(CallState state) {
        MemorySegment abs = Native.function("abs");
        assertThat(Native.intCall(abs, state, -7)).isEqualTo(7);
        assertThat(Native.intCall(Native.function("toupper"), state, 'a')).isEqualTo('A');
        assertThat(Native.intCall(Native.function("close"), state, -1)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EBADF);
    }

    @ParameterizedTest
    @MethodSource("states")
    void aLongKeepsItsUpperHalf(CallState state) {
        for (long far : new long[] {-(1L << 40) - 3, -(1L << 40), -(3L << 31)}) {
            assertThat(Native.longCall(Native.function("labs"), state, far)).isEqualTo(-far);
        }
    }

    /** The sixth argument is mmap's offset, of which only whole pages are taken. */
    @ParameterizedTest
    @MethodSource("states")
    void sixArgumentsArrive(CallState state) {
        MemorySegment mmap = Native.function("mmap");
        int flags = MemoryMapping.MAP_PRIVATE | MemoryMapping.MAP_ANONYMOUS;
        assertThat(Native.longCall(mmap, state, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 1))
                .isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EINVAL);
        long address = Native.longCall(mmap, state, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 0);
        assertThat(NativeMemory.getLong(address)).isZero();
        assertThat(MemoryMapping.munmap(address, 4096, state)).isZero();
    }

    /** By the number of a system call, as recv and send go; the seventh is again the offset. */
    @ParameterizedTest
    @MethodSource("states")
    void sevenArgumentsArrive(CallState state) {
        assumeTrue(Platform.isLinux() && Platform.ARCH == Platform.Arch.X86_64, "the number is of another machine");
        int flags = MemoryMapping.MAP_PRIVATE | MemoryMapping.MAP_ANONYMOUS;
        int mmap = 9;
        long refused = Native.longCall(Native.SYSCALL, state, mmap, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 1);
        assertThat(state.result(refused)).isEqualTo(-Errno.EINVAL);
        long mapped = Native.shortLongCall(Native.SYSCALL, state, mmap, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 0);
        assertThat(NativeMemory.getLong(mapped)).isZero();
        assertThat(MemoryMapping.munmap(mapped, 4096, state)).isZero();
    }

    /** Not even before C2 has it; what the compiler makes of it later has only less to do. */
    @Test
    void aCallAllocatesNothing() {
        assumeTrue(ErrnoStub.isThere(), "the JDK captures errno here");
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        MemorySegment close = Native.function("close");
        long least = Long.MAX_VALUE; // the first also make the handles, and now and then the JVM something for itself
        for (int i = 0; i < WINDOWS && least > 0; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            closeNothing(close);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least / CALLS).isZero();
    }

    private void closeNothing(MemorySegment close) {
        for (int i = 0; i < CALLS; i++) {
            Native.longCall(close, state, -1);
            Native.shortLongCall(close, state, -1, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void aStateOfAClosedArenaIsRefused() {
        Arena arena = Arena.ofShared();
        CallState ended = new CallState(arena);
        arena.close();
        assertThatThrownBy(() -> Native.intCall(Native.function("close"), ended, -1))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Used on macOS alone, where they can't be left out; the other systems' convention allows them. */
    @Test
    void whatStandsBehindDotsArrives() {
        MemorySegment fcntl = Native.function("fcntl");
        int copy = Native.Variadic.intCall(fcntl, state, 1, Descriptors.F_DUPFD_CLOEXEC, 300);
        assertThat(copy).isGreaterThanOrEqualTo(300);
        assertThat(Descriptors.fcntl(copy, Descriptors.F_GETFD, 0, state)).isEqualTo(Descriptors.FD_CLOEXEC);
        Descriptors.close(copy, state);
        long path = state.path("/dev/null");
        int opened = Native.Variadic.intCall(
                Native.function("openat"), state, FileCalls.AT_FDCWD, path, Descriptors.O_CLOEXEC, 0);
        assertThat(Descriptors.fcntl(opened, Descriptors.F_GETFD, 0, state)).isEqualTo(Descriptors.FD_CLOEXEC);
        Descriptors.close(opened, state);
    }

    @Test
    void aMissingFunctionAnswersENOSYS() {
        MemorySegment missing = Native.function("no_such_function");
        assertThat(state.result(Native.intCall(missing, state, 1, 2L))).isEqualTo(-Errno.ENOSYS);
        assertThat(state.result(Native.longCall(missing, state))).isEqualTo(-Errno.ENOSYS);
        assertThat(Native.has("no_such_function")).isFalse();
        assertThat(Native.address("no_such_function")).isZero();
    }
}

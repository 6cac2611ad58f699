package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** That one handle of seven longs calls functions of every signature. */
class NativeTest {
    private final CallState state = CallState.global();

    @Test
    void aNegativeIntArrivesAndReturns() {
        MemorySegment abs = Native.function("abs");
        assertThat(Native.intCall(abs, state, -7)).isEqualTo(7);
        assertThat(Native.intCall(Native.function("toupper"), state, 'a')).isEqualTo('A');
        assertThat(Native.intCall(Native.function("close"), state, -1)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EBADF);
    }

    @Test
    void aLongKeepsItsUpperHalf() {
        long far = -(1L << 40) - 3;
        assertThat(Native.longCall(Native.function("labs"), state, far)).isEqualTo(-far);
    }

    /** The sixth argument is mmap's offset, of which only whole pages are taken. */
    @Test
    void sixArgumentsArrive() {
        MemorySegment mmap = Native.function("mmap");
        int flags = MemoryMapping.MAP_PRIVATE | MemoryMapping.MAP_ANONYMOUS;
        assertThat(Native.longCall(mmap, state, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 1))
                .isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EINVAL);
        long address = Native.longCall(mmap, state, 0, 4096, MemoryMapping.PROT_READ, flags, -1, 0);
        assertThat(NativeMemory.getLong(address)).isZero();
        assertThat(MemoryMapping.munmap(address, 4096, state)).isZero();
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

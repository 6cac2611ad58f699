package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
@Timeout(30)
class DescriptorsTest {
    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final long at = NativeMemory.allocate(64);

    @AfterEach
    void close() {
        net.close();
        NativeMemory.free(at);
    }

    @Test
    void pipesCarryBytesOneWay() {
        long pipe = Descriptors.pipe2(Descriptors.O_CLOEXEC | Descriptors.O_NONBLOCK, state);
        int readEnd = net.own(Descriptors.first(pipe));
        int writeEnd = Descriptors.second(pipe);
        assertThat(Descriptors.read(readEnd, at, 8, state)).isEqualTo(-Errno.EAGAIN);
        NativeMemory.putInt(at, 0x61626364);
        assertThat(Descriptors.write(writeEnd, at, 4, state)).isEqualTo(4);
        assertThat(Descriptors.read(readEnd, at + 8, 8, state)).isEqualTo(4);
        assertThat(NativeMemory.getInt(at + 8)).isEqualTo(0x61626364);
        assertThat(Descriptors.close(writeEnd, state)).isZero();
        assertThat(Descriptors.read(readEnd, at, 8, state)).isZero();
        assertThat(Descriptors.close(writeEnd, state)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void flagsAreSetAndTakenBack() {
        int fd = net.pair(0)[0];
        assertThat(Descriptors.setNonBlocking(fd, true, state)).isZero();
        assertThat(Descriptors.fcntl(fd, Descriptors.F_GETFL, 0, state) & Descriptors.O_NONBLOCK)
                .isNotZero();
        assertThat(Descriptors.setNonBlocking(fd, false, state)).isZero();
        assertThat(Descriptors.fcntl(fd, Descriptors.F_GETFL, 0, state) & Descriptors.O_NONBLOCK)
                .isZero();
        assertThat(Descriptors.setCloseOnExec(fd, false, state)).isZero();
        assertThat(Descriptors.fcntl(fd, Descriptors.F_GETFD, 0, state)).isZero();
        assertThat(Descriptors.setNonBlocking(1 << 20, true, state)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void duplicatesShareTheFile() {
        int[] pair = net.pair(0);
        int copy = net.own(Descriptors.dup(pair[0], state));
        int high = net.own(Descriptors.fcntl(pair[0], Descriptors.F_DUPFD_CLOEXEC, 200, state));
        assertThat(high).isGreaterThanOrEqualTo(200);
        assertThat(Descriptors.dup2(pair[0], copy, state)).isEqualTo(copy);
        net.send(copy, "1");
        net.send(high, "2");
        assertThat(Descriptors.bytesReadable(pair[1], state)).isEqualTo(2);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullTableIsEMFILE() {
        long soft = Descriptors.softDescriptorLimit(state);
        assertThat(soft).isPositive().isLessThanOrEqualTo(Descriptors.hardDescriptorLimit(state));
        int[] pair = net.pair(0);
        int listener = net.listener(0);
        net.connect(listener);
        // Once before: a class that is first used below could not be loaded, for want of a descriptor.
        assertThat(SocketMessages.sendDescriptor(pair[0], listener, (byte) 1, 0, state))
                .isEqualTo(1);
        net.own(Descriptors.first(SocketMessages.receiveDescriptor(pair[1], 0, state)));
        // The lowest free number becomes the limit: no other descriptor of the process is disturbed.
        int next = Descriptors.dup(pair[0], state);
        Descriptors.close(next, state);
        try {
            assertThat(Descriptors.setSoftDescriptorLimit(next, state)).isZero();
            assertThat(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, state))
                    .isEqualTo(-Errno.EMFILE);
            assertThat(Sockets.accept4(listener, 0, state)).isEqualTo(-Errno.EMFILE);
            assertThat(SocketMessages.sendDescriptor(pair[0], listener, (byte) 1, 0, state))
                    .isEqualTo(1);
            assertThat(SocketMessages.receiveDescriptor(pair[1], 0, state)).isEqualTo(-Errno.EMFILE);
        } finally {
            assertThat(Descriptors.setSoftDescriptorLimit(soft, state)).isZero();
        }
        net.own(Sockets.accept4(listener, 0, state));
        assertThat(Descriptors.setSoftDescriptorLimit(-2, state)).isNegative();
    }

    @Test
    void memoryIsZeroedCopiedAndFreed() {
        long memory = NativeMemory.allocate(16);
        assertThat(NativeMemory.getLong(memory) | NativeMemory.getLong(memory + 8))
                .isZero();
        NativeMemory.putLong(memory + 1, 0x1122_3344_5566_7788L);
        assertThat(NativeMemory.getByte(memory + 1)).isEqualTo((byte) 0x88);
        assertThat(NativeMemory.getShort(memory + 2)).isEqualTo((short) 0x6677);
        NativeMemory.copy(memory + 1, memory + 9, 7);
        assertThat(NativeMemory.segment(memory, 16).byteSize()).isEqualTo(16);
        NativeMemory.clear(memory, 16);
        assertThat(NativeMemory.getLong(memory + 1)).isZero();
        NativeMemory.free(memory);
        NativeMemory.free(0);
        assertThatThrownBy(() -> NativeMemory.allocate(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NativeMemory.allocate(Long.MAX_VALUE)).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void mappingsAreMadeAndRefused() {
        long mapping = MemoryMapping.anonymous(8192, state);
        assertThat(mapping % Platform.pageBytes()).isZero();
        NativeMemory.putLong(mapping + 8184, 1);
        assertThat(MemoryMapping.munmap(mapping, 8192, state)).isZero();
        assertThat(MemoryMapping.anonymous(0, state)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void eventfdCounts() {
        int fd = net.own(EventFd.eventfd(0, EventFd.EFD_NONBLOCK | EventFd.EFD_CLOEXEC, state));
        assertThat(EventFd.take(fd, state)).isEqualTo(-Errno.EAGAIN);
        assertThat(EventFd.add(fd, 3, state)).isEqualTo(8);
        assertThat(EventFd.add(fd, 4, state)).isEqualTo(8);
        assertThat(Poll.pollOne(fd, Poll.POLLIN, 0, state)).isEqualTo(Poll.POLLIN);
        assertThat(EventFd.take(fd, state)).isEqualTo(7);
        assertThat(EventFd.add(fd, -2, state)).isEqualTo(8);
        assertThat(EventFd.add(fd, 1, state)).isEqualTo(-Errno.EAGAIN);
    }
}

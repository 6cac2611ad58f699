package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.StructLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sizes and offsets, against those that a C compiler gives for the headers. */
class LayoutTest {
    private static void offset(StructLayout layout, String field, long expected) {
        assertThat(layout.byteOffset(groupElement(field))).as(field).isEqualTo(expected);
    }

    @Test
    void addresses() {
        assertThat(SocketAddresses.SOCKADDR_IN.byteSize()).isEqualTo(16);
        offset(SocketAddresses.SOCKADDR_IN, "sin_port", 2);
        offset(SocketAddresses.SOCKADDR_IN, "sin_addr", 4);
        assertThat(SocketAddresses.SOCKADDR_IN6.byteSize()).isEqualTo(28);
        offset(SocketAddresses.SOCKADDR_IN6, "sin6_addr", 8);
        offset(SocketAddresses.SOCKADDR_IN6, "sin6_scope_id", 24);
        assertThat(SocketAddresses.SOCKADDR_UN.byteSize()).isEqualTo(Platform.pick(110, 106, 106));
    }

    @Test
    void messages() {
        assertThat(SocketMessages.IOVEC.byteSize()).isEqualTo(16);
        assertThat(SocketMessages.MSGHDR.byteSize()).isEqualTo(Platform.pick(56, 48, 48));
        assertThat(SocketMessages.CMSGHDR.byteSize()).isEqualTo(Platform.pick(16, 12, 12));
        offset(SocketMessages.MSGHDR, "msg_iov", 16);
        offset(SocketMessages.MSGHDR, "msg_control", 32);
        offset(SocketMessages.MSGHDR, "msg_flags", Platform.pick(48, 44, 44));
        assertThat(DatagramCalls.MMSGHDR.byteSize()).isEqualTo(Platform.pick(64, 56, 56));
        offset(DatagramCalls.MMSGHDR, "msg_len", Platform.pick(56, 48, 48));
        assertThat(ReceivedMessage.LAYOUT.byteSize()).isEqualTo(16);
        offset(ReceivedMessage.LAYOUT, "payloadlen", 8);
        assertThat(Inotify.EVENT.byteSize()).isEqualTo(16);
    }

    @Test
    void resourceUsage() {
        assertThat(ResourceUsage.RUSAGE.byteSize()).isEqualTo(144);
        offset(ResourceUsage.RUSAGE, "ru_nvcsw", 128);
        offset(ResourceUsage.RUSAGE, "ru_nivcsw", 136);
    }

    @Test
    void waits() {
        assertThat(Poll.POLLFD.byteSize()).isEqualTo(8);
        offset(Poll.POLLFD, "events", 4);
        offset(Poll.POLLFD, "revents", 6);
        assertThat(Epoll.EVENT.byteSize()).isEqualTo(Platform.ARCH == Platform.Arch.X86_64 ? 12 : 16);
        offset(Epoll.EVENT, "data", Platform.ARCH == Platform.Arch.X86_64 ? 4 : 8);
        assertThat(FdSet.BYTES).isEqualTo(128);
        assertThat(Select.TIMEVAL.byteSize()).isEqualTo(16);
        assertThat(Timespec.LAYOUT.byteSize()).isEqualTo(16);
    }

    @Test
    void directoryEntries() {
        assertThat(Directories.DIRENT_LINUX.byteSize()).isEqualTo(280);
        offset(Directories.DIRENT_LINUX, "d_name", 19);
        assertThat(Directories.DIRENT_MACOS.byteSize()).isEqualTo(1048);
        offset(Directories.DIRENT_MACOS, "d_name", 21);
        assertThat(Directories.DIRENT_FREEBSD.byteSize()).isEqualTo(280);
        offset(Directories.DIRENT_FREEBSD, "d_name", 24);
    }

    @Test
    void kevents() {
        assertThat(Kqueue.KEVENT_32.byteSize()).isEqualTo(32);
        assertThat(Kqueue.KEVENT_64.byteSize()).isEqualTo(64);
        for (StructLayout layout : new StructLayout[] {Kqueue.KEVENT_32, Kqueue.KEVENT_64}) {
            offset(layout, "ident", 0);
            offset(layout, "filter", 8);
            offset(layout, "flags", 10);
            offset(layout, "fflags", 12);
            offset(layout, "data", 16);
            offset(layout, "udata", 24);
        }
        offset(Kqueue.KEVENT_64, "ext", 32);
    }

    @Test
    void files() {
        assertThat(FileCalls.OPEN_HOW.byteSize()).isEqualTo(24);
        assertThat(PageCache.RANGE.byteSize()).isEqualTo(16);
        assertThat(PageCache.FOUND.byteSize()).isEqualTo(40);
        assertThat(FileStatus.STATX.byteSize()).isEqualTo(256);
        offset(FileStatus.STATX, "mode", 28);
        offset(FileStatus.STATX, "ino", 32);
        offset(FileStatus.STATX, "size", 40);
        offset(FileStatus.STATX, "mtime", 112);
        offset(FileStatus.STATX, "stx_dio_mem_align", 152);
        offset(FileStatus.STATX, "stx_dio_offset_align", 156);
        assertThat(FileStatus.STAT_MACOS.byteSize()).isEqualTo(144);
        offset(FileStatus.STAT_MACOS, "mode", 4);
        offset(FileStatus.STAT_MACOS, "ino", 8);
        offset(FileStatus.STAT_MACOS, "mtime", 48);
        offset(FileStatus.STAT_MACOS, "size", 96);
        assertThat(FileStatus.STAT_FREEBSD.byteSize()).isEqualTo(224);
        offset(FileStatus.STAT_FREEBSD, "mode", 24);
        offset(FileStatus.STAT_FREEBSD, "ino", 8);
        offset(FileStatus.STAT_FREEBSD, "mtime", 64);
        offset(FileStatus.STAT_FREEBSD, "size", 112);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void signalsAndProcesses() {
        assertThat(Signals.SIGACTION.byteSize()).isEqualTo(152);
        offset(Signals.SIGACTION, "sa_mask", 8);
        offset(Signals.SIGACTION, "sa_flags", 136);
        assertThat(SignalFd.SIGINFO.byteSize()).isEqualTo(128);
        offset(SignalFd.SIGINFO, "ssi_pid", 12);
        assertThat(PidFd.SIGINFO.byteSize()).isEqualTo(128);
        offset(PidFd.SIGINFO, "si_code", 8);
        offset(PidFd.SIGINFO, "si_pid", 16);
        offset(PidFd.SIGINFO, "si_status", 24);
        assertThat(Descriptors.RLIMIT.byteSize()).isEqualTo(16);
        assertThat(Sockopt.LINGER.byteSize()).isEqualTo(8);
    }
}

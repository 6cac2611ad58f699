package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Platform;
import dev.sluice.os.Poll;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import java.lang.foreign.Arena;
import java.net.SocketAddress;

/** The machine's kernel. */
final class KernelCalls extends FdCalls {
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final FdWrites writes = new FdWrites(arena, state);
    private final long sockaddr = arena.allocate(SocketAddresses.MAX_BYTES, 8).address();

    @Override
    public int listen(SocketAddress address, ListenOptions options) {
        return Listening.open(address, options, Sockets.SOCK_NONBLOCK, state);
    }

    @Override
    public int setNonBlocking(int fd) {
        return Descriptors.setNonBlocking(fd, true, state);
    }

    @Override
    public boolean mayAccept(int listener) {
        return Poll.pollOne(listener, Poll.POLLIN, 0, state) != 0;
    }

    @Override
    public int accept(int listener) {
        return Sockets.accept4(listener, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, state);
    }

    @Override
    public int socket(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        int fd = Sockets.socket(family, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0, state);
        if (fd >= 0 && family != Sockets.AF_UNIX) {
            Sockopt.setsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, 1, state);
        }
        return fd;
    }

    @Override
    public int connect(int fd, SocketAddress remote) {
        int length = SocketAddresses.encode(remote, SocketAddresses.family(remote), sockaddr);
        return Sockets.connect(fd, sockaddr, length, state);
    }

    @Override
    public long receive(int fd, long address, long length) {
        return Sockets.recvNow(fd, address, length, 0, state);
    }

    @Override
    public long send(int fd, long address, long length, boolean more) {
        return Sockets.sendNow(fd, address, length, FdWrites.flags(more), state);
    }

    @Override
    public long gather(int fd, Chunk first) {
        return writes.gather(fd, first);
    }

    @Override
    public long sendFile(int fd, OpenFile file, long position, long count) {
        return writes.sendFile(fd, file, position, count);
    }

    @Override
    public long pipe() {
        if (Platform.OS != Platform.Os.LINUX) {
            return -Errno.ENOSYS;
        }
        long pair = Descriptors.pipe2(Descriptors.O_NONBLOCK | Descriptors.O_CLOEXEC, state);
        if (pair >= 0) {
            // Refused where the user has too much in pipes (pipe(7)): then it holds 64 KiB, which is slower and no
            // fault.
            var _ = Descriptors.fcntl(Descriptors.first(pair), Descriptors.F_SETPIPE_SZ, FdInput.PIPE_BYTES, state);
        }
        return pair;
    }

    @Override
    public long splice(int from, int to, long count) {
        return Descriptors.splice(from, to, count, state);
    }

    @Override
    public int duplicate(int fd) {
        return Descriptors.fcntl(fd, Descriptors.F_DUPFD_CLOEXEC, 0, state);
    }

    @Override
    public int shutdownOutput(int fd) {
        return Sockets.shutdown(fd, Sockets.SHUT_WR, state);
    }

    @Override
    public int takeError(int fd) {
        return Sockopt.takeError(fd, state);
    }

    @Override
    public int resetOnClose(int fd) {
        return Sockopt.setLinger(fd, 0, state);
    }

    @Override
    public int close(int fd) {
        return Descriptors.close(fd, state);
    }

    @Override
    public SocketAddress localAddress(int fd) {
        return Sockets.localAddress(fd, state);
    }

    @Override
    public SocketAddress remoteAddress(int fd) {
        return Sockets.peerAddress(fd, state);
    }

    @Override
    public long descriptorLimit() {
        return Descriptors.softDescriptorLimit(state);
    }

    @Override
    public WakeSignal wakeSignal() {
        return new WakeFd();
    }

    @Override
    public void release() {
        arena.close();
    }
}

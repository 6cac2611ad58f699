package dev.sluice.sim;

import dev.sluice.OpenFile;
import dev.sluice.engine.Chunk;
import dev.sluice.engine.FdCalls;
import dev.sluice.engine.Handle;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.UringEngine;
import dev.sluice.engine.WakeSignal;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A host's kernel: its table of descriptors, and the calls on them. The lowest free number is given out first, so one that is
 * closed stands for another socket at once. Each call takes a little time, in which the network goes on.
 */
final class SimKernel extends FdCalls {
    private static final int FIRST_FD = 3;
    private static final int CALL_NANOS = 2_000;
    private static final int GATHERED_CHUNKS = 16;
    private static final int FILE_BYTES = 64 * 1024;
    private static final long JAM_LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long JAM_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Is told what strace(1) would show of a real one: calls on descriptors, with their results. */
    interface CallLog {
        /**
         * A call has returned.
         *
         * @param result a count, a descriptor, bits of poll(2), or a negative errno
         */
        void called(String call, int fd, long result);
    }

    private final Host host;
    private final World world;
    private @Nullable CallLog log;
    private @Nullable Pollable[] files = new Pollable[32];
    private int openCount;
    private int limit;
    private boolean dead;
    private long exhaustedUntil;

    SimKernel(Host host, int limit) {
        this.host = host;
        this.world = host.world;
        this.limit = limit;
        this.exhaustedUntil = world.now();
    }

    World world() {
        return world;
    }

    Host host() {
        return host;
    }

    void log(CallLog reader) {
        log = reader;
    }

    /** A call has returned; gives its result back. */
    private int logged(String call, int fd, long result) {
        called(call, fd, result);
        return (int) result;
    }

    void called(String call, int fd, long result) {
        if (log != null) {
            log.called(call, fd, result);
        }
    }

    /** A call begins: the network goes on meanwhile. */
    void enter() {
        if (dead) {
            return; // what a process that is gone had begun still comes here, and finds nothing
        }
        world.elapse(1 + world.dice().below(CALL_NANOS));
    }

    private boolean isInterrupted() {
        return world.strikes(Faults.Kind.INTERRUPT);
    }

    // ---- the end

    /** Whether the process that has this table is gone. */
    boolean isDead() {
        return dead;
    }

    void requireAlive() {
        if (dead) {
            throw new HostCrash(host.name());
        }
    }

    /**
     * The process is gone at once: with its machine, or killed, and then the machine closes what it had open. Rings stay, since
     * what they share with the process is freed with that: they carry out nothing more.
     */
    void die(boolean withMachine) {
        dead = true;
        @Nullable Pollable[] open = files;
        files = new Pollable[open.length];
        openCount = 0;
        for (int fd = 0; fd < open.length; fd++) {
            if (open[fd] instanceof SimRing ring) {
                ring.die(withMachine);
                files[fd] = ring;
                openCount++;
            }
        }
        for (Pollable file : open) {
            if (file == null || file instanceof SimRing) {
                continue;
            }
            if (withMachine) {
                file.vanish();
            } else {
                file.unwatchAll();
                file.release();
            }
        }
    }

    // ---- descriptors

    @Nullable
    Pollable file(int fd) {
        return fd < 0 || fd >= files.length ? null : files[fd];
    }

    @Nullable
    SimSocket socketOf(int fd) {
        return file(fd) instanceof SimSocket socket ? socket : null;
    }

    /** The socket of an engine's handle; null where it has none, or none yet. */
    @Nullable
    SimSocket socketOf(Handle handle) {
        UringEngine.Place place = UringEngine.place(handle);
        if (place == null) {
            return socketOf(handle.descriptor());
        }
        SimRing ring = (SimRing) Objects.requireNonNull(file(place.ring()));
        return (SimSocket) ring.table().file(place.index());
    }

    int openCount() {
        return openCount;
    }

    int limit() {
        return limit;
    }

    void limit(int count) {
        limit = count;
    }

    /** A fault: no descriptor can be had for a while. */
    void exhaust(long nanos) {
        exhaustedUntil = world.now() + nanos;
        world.tell(host, Story.NO_CONNECTION, "has no descriptor left for # ns", nanos);
    }

    private int lowestFree() {
        if (openCount >= limit || world.now() < exhaustedUntil) {
            return -Errno.EMFILE;
        }
        int fd = FIRST_FD;
        while (fd < files.length && files[fd] != null) {
            fd++;
        }
        if (fd == files.length) {
            files = Arrays.copyOf(files, files.length * 2);
        }
        return fd;
    }

    /** Opens a file or directory of the host's disk: a descriptor, or -EMFILE. */
    int openFile(DiskNode node) {
        int fd = lowestFree();
        if (fd >= 0) {
            enter(fd, new SimFile(host.disk(), node));
        }
        return fd;
    }

    private void enter(int fd, Pollable file) {
        files[fd] = file;
        openCount++;
        file.retain();
    }

    /** Gives a file a descriptor: the lowest that is free, or -EMFILE. */
    int open(Pollable file) {
        int fd = lowestFree();
        if (fd >= 0) {
            enter(fd, file);
        }
        return fd;
    }

    /** The same for what a loop is made of: a fault that takes all descriptors for a while doesn't keep it from starting. */
    int openFirst(Pollable file) {
        exhaustedUntil = Math.min(exhaustedUntil, world.now());
        return open(file);
    }

    // ---- calls

    @Override
    public int listen(SocketAddress address, ListenOptions options) {
        enter();
        InetSocketAddress local = host.bind(address, options.reusePort());
        exhaustedUntil = Math.min(exhaustedUntil, world.now()); // that fault keeps no server from starting
        int fd = SysException.check(lowestFree(), "socket", address);
        SimListener listener = new SimListener(host, local, options.backlogCount(), options.reusePort());
        host.add(listener);
        enter(fd, listener);
        world.tell(host, Story.NO_CONNECTION, "listens on port #", local.getPort());
        return fd;
    }

    @Override
    public int setNonBlocking(int fd) {
        return file(fd) == null ? -Errno.EBADF : 0; // all are
    }

    @Override
    public int accept(int fd) {
        enter();
        if (!(file(fd) instanceof SimListener listener)) {
            return file(fd) == null ? -Errno.EBADF : -Errno.EINVAL;
        }
        return logged("accept", fd, acceptFrom(listener));
    }

    /** accept(2) takes a descriptor before it looks for a newcomer. */
    int acceptFrom(SimListener listener) {
        int free = lowestFree();
        if (free < 0) {
            return free;
        }
        if (isInterrupted()) {
            return -Errno.EINTR;
        }
        SimSocket newcomer = listener.accept();
        if (newcomer == null) {
            return -Errno.EAGAIN;
        }
        enter(free, newcomer);
        world.tell(host, newcomer.number(), "is accepted as descriptor #", free);
        return free;
    }

    @Override
    public int socket(SocketAddress remote) {
        enter();
        if (!(remote instanceof InetSocketAddress)) {
            throw new IllegalArgumentException("a world has no such address: " + remote);
        }
        int fd = lowestFree();
        if (fd >= 0) {
            enter(fd, new SimSocket(host));
        }
        return logged("socket", fd, fd);
    }

    @Override
    public int connect(int fd, SocketAddress remote) {
        enter();
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        return logged("connect", fd, socket.connect((InetSocketAddress) remote));
    }

    @Override
    public long receive(int fd, long address, long length) {
        enter();
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        return logged("recv", fd, receiveSome(socket, address, length));
    }

    int receiveSome(SimSocket socket, long address, long length) {
        if (isInterrupted()) {
            return -Errno.EINTR;
        }
        int n = (int) Math.min(socket.receivable(), length);
        if (n > 0) {
            NativeMemory.copy(socket.input().stream, socket.input().read, n, address);
            socket.received(n);
        }
        tellCall(socket, n, "reads # bytes", "reads the end", "fails to read with errno #");
        return n;
    }

    @Override
    public long send(int fd, long address, long length, boolean more) {
        enter();
        SimSocket socket = socketOf(fd);
        return socket == null ? -Errno.EBADF : logged("send", fd, sendSome(socket, address, length, true));
    }

    @Override
    public long gather(int fd, Chunk first) {
        enter();
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        return logged("send", fd, gather(socket, first));
    }

    private long gather(SimSocket socket, Chunk first) {
        long sent = 0;
        int count = 0;
        for (Chunk c = first; c != null && count < GATHERED_CHUNKS; c = c.next) {
            long n = sendSome(socket, c.address + c.start, c.length(), count == 0);
            if (n < 0) {
                return sent > 0 ? sent : n;
            }
            sent += n;
            if (n < c.length()) {
                return sent;
            }
            count++;
        }
        return sent;
    }

    int sendSome(SimSocket socket, long address, long length, boolean mayFail) {
        int n = (int) Math.min(takes(socket, mayFail), length);
        if (n > 0) {
            NativeMemory.copy(address, socket.output().reserve(n), socket.output().written, n);
            socket.sent(n);
        }
        tellCall(socket, n, "sends # bytes", "sends nothing", "fails to send with errno #");
        return n;
    }

    /** Bytes that the kernel takes now, or a negative errno. */
    private int takes(SimSocket socket, boolean mayFail) {
        if (mayFail && isInterrupted()) {
            return -Errno.EINTR;
        }
        if (world.strikes(Faults.Kind.FULL_BUFFER)) {
            socket.jam(world.dice().spread(JAM_LEAST_NANOS, JAM_MOST_NANOS));
        }
        int room = socket.sendable();
        return room > 1 && world.strikes(Faults.Kind.SHORT_SEND)
                ? (int) world.dice().spread(1, room)
                : room;
    }

    @Override
    public long sendFile(int fd, OpenFile file, long position, long count) {
        enter();
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        int room = takes(socket, true);
        if (room < 0) {
            return room;
        }
        int most = (int) Math.min(Math.min(room, FILE_BYTES), count);
        ByteBuffer bytes = ByteBuffer.allocateDirect(most);
        int n = file.read(bytes, position);
        if (n <= 0) {
            return n == 0 ? -Errno.ENODATA : n;
        }
        int left = socket.sendable(); // the network went on while the disk was read
        if (left < 0) {
            return left;
        }
        n = Math.min(n, left);
        bytes.flip().get(socket.output().reserve(n), socket.output().written, n);
        socket.sent(n, file, position);
        tellCall(socket, n, "sends # bytes of a file", "", "");
        return n;
    }

    private void tellCall(SimSocket socket, int n, String some, String none, String error) {
        if (n > 0) {
            world.tell(host, socket.number(), some, n);
        } else if (n == 0) {
            world.tell(host, socket.number(), none, 0);
        } else if (n != -Errno.EAGAIN && n != -Errno.EINTR) {
            world.tell(host, socket.number(), error, -n);
        }
    }

    @Override
    public int shutdownOutput(int fd) {
        enter();
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        world.tell(host, socket.number(), "ends its side", 0);
        return logged("shutdown", fd, socket.shutdownOutput());
    }

    @Override
    public int takeError(int fd) {
        enter();
        SimSocket socket = socketOf(fd);
        return socket == null ? -Errno.EBADF : logged("error", fd, socket.takeError());
    }

    @Override
    public int resetOnClose(int fd) {
        SimSocket socket = socketOf(fd);
        if (socket == null) {
            return -Errno.EBADF;
        }
        socket.resetOnClose();
        return logged("linger", fd, 0);
    }

    @Override
    public int close(int fd) {
        enter();
        Pollable file = file(fd);
        if (file == null) {
            return -Errno.EBADF;
        }
        files[fd] = null;
        openCount--;
        if (!dead) {
            world.tell(
                    host,
                    file instanceof SimSocket socket ? socket.number() : Story.NO_CONNECTION,
                    "closes descriptor #",
                    fd);
        }
        file.release();
        return logged("close", fd, 0);
    }

    @Override
    public SocketAddress localAddress(int fd) {
        return switch (file(fd)) {
            case SimSocket socket -> socket.localAddress();
            case SimListener listener -> listener.local;
            case null, default -> throw new SysException("getsockname", "fd=" + fd, Errno.EBADF);
        };
    }

    @Override
    public SocketAddress remoteAddress(int fd) {
        SimSocket socket = socketOf(fd);
        InetSocketAddress remote = socket == null ? null : socket.remoteAddress();
        if (remote == null) {
            throw new SysException("getpeername", "fd=" + fd, socket == null ? Errno.EBADF : Errno.ENOTCONN);
        }
        return remote;
    }

    @Override
    public long descriptorLimit() {
        return limit;
    }

    @Override
    public WakeSignal wakeSignal() {
        return new SimEventFd(this);
    }

    @Override
    public void release() {
        // the table is the host's
    }
}

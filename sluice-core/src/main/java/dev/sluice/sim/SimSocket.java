package dev.sluice.sim;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP connection, as Linux has it: what its calls answer, when it is ready, and what wakes who waits. The names
 * of functions in comments are the kernel's, in net/ipv4.
 *
 * <p>Calls answer a count or a negative errno. Callers copy bytes themselves, from {@link #input} and to {@link #output}.
 */
final class SimSocket extends Pollable {
    private enum State {
        /** Neither connected nor connecting. */
        FRESH,
        CONNECTING,
        ESTABLISHED,
        /** Reset or timed out: TCP_CLOSE. */
        RESET
    }

    final Host host;
    private final World world;
    /** How often its host had crashed when it was made. */
    private final int age;

    private State state;
    private InetSocketAddress local;
    private @Nullable InetSocketAddress remote;
    private @Nullable Wire wire;
    private @Nullable Pipe in;
    private @Nullable Pipe out;
    /** sk_err. */
    private int error;

    private boolean fin;
    private boolean outputShut;
    private boolean closed;
    private boolean resetsOnClose;
    /** SOCK_NOSPACE: somebody wants to know of room. */
    private boolean noSpace;
    /** A fault: there is no room until it is over. */
    private boolean jammed;
    /** Follows what a session is told of this connection; null for what is none's. */
    @Nullable
    Watch watch;

    /** A socket of a connect. */
    SimSocket(Host host) {
        this.host = host;
        this.world = host.world;
        this.age = host.crashCount();
        this.state = State.FRESH;
        this.local = new InetSocketAddress(0);
    }

    /** A socket of a handshake. */
    SimSocket(Host host, InetSocketAddress local, InetSocketAddress remote) {
        this.host = host;
        this.world = host.world;
        this.age = host.crashCount();
        this.state = State.ESTABLISHED;
        this.local = local;
        this.remote = remote;
    }

    void plug(Wire connection, Pipe input, Pipe output) {
        this.wire = connection;
        this.in = input;
        this.out = output;
    }

    int number() {
        return wire == null ? Story.NO_CONNECTION : wire.number;
    }

    Pipe input() {
        return Objects.requireNonNull(in, "not connected");
    }

    Pipe output() {
        return Objects.requireNonNull(out, "not connected");
    }

    InetSocketAddress localAddress() {
        return local;
    }

    /** Null where it is not connected: getpeername(2) answers ENOTCONN. */
    @Nullable
    InetSocketAddress remoteAddress() {
        return state == State.ESTABLISHED && !isOver() ? remote : null;
    }

    /** Null where it never was: SO_PEERNAME is told after a reset too (inet_getname() in net/ipv4/af_inet.c, peer being 2). */
    @Nullable
    InetSocketAddress peerName() {
        return remote;
    }

    /**
     * Whether both ends have ended and know it: tcp_done() made it TCP_CLOSE, also where the kernel keeps a TIME_WAIT for it.
     * Nothing is sent any more, and no reset concerns it.
     */
    private boolean isOver() {
        return fin && outputShut && output().isEndAcknowledged();
    }

    /** Whether its host has crashed since it was made: nobody there knows of it. */
    boolean isGone() {
        return host.crashCount() != age;
    }

    /** Whether nobody hears what is sent to it, and so nobody answers. */
    boolean isUnheard() {
        return !host.isUp() || isGone() && host.isSilentSince(age);
    }

    boolean isConnecting() {
        return state == State.CONNECTING && !closed && !isGone();
    }

    boolean isEstablished() {
        return state == State.ESTABLISHED;
    }

    /** Whether it is connected, or was. */
    boolean wasEstablished() {
        return out != null;
    }

    boolean isReset() {
        return state == State.RESET;
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasFin() {
        return fin;
    }

    boolean isSpoiled() {
        return wire != null && wire.isSpoiled();
    }

    // ---- calls

    int connect(InetSocketAddress address) {
        return connect(null, address);
    }

    /**
     * The same of a socket that may be bound.
     *
     * @param from an address of its host's, or null
     */
    int connect(@Nullable InetAddress from, InetSocketAddress address) {
        if (state == State.CONNECTING) {
            return -Errno.EALREADY;
        }
        if (state != State.FRESH) {
            return -Errno.EISCONN;
        }
        state = State.CONNECTING;
        remote = address;
        local = from == null ? host.source(address) : new InetSocketAddress(from, host.ephemeralPort());
        Wire connection = new Wire(world, this, address);
        wire = connection;
        world.tell(host, connection.number, "connects to port #", address.getPort());
        connection.connect();
        return -Errno.EINPROGRESS;
    }

    /** Bytes that recv(2) can take at {@code input().read}, 0 at the end, or a negative errno: tcp_recvmsg_locked(). */
    int receivable() {
        Pipe pipe = in;
        if (pipe != null && pipe.waiting() > 0) {
            return pipe.waiting();
        }
        if (fin) {
            return 0; // SOCK_DONE comes before an error
        }
        if (error != 0) {
            return -takeError();
        }
        return switch (state) {
            case FRESH -> -Errno.ENOTCONN;
            case RESET -> 0;
            case CONNECTING, ESTABLISHED -> -Errno.EAGAIN;
        };
    }

    void received(int count) {
        if (watch != null) {
            watch.arrived();
        }
        input().consumed(count);
    }

    /** Bytes that send(2) can put at {@code output().written}, at least one, or a negative errno: tcp_sendmsg_locked(). */
    int sendable() {
        if (error != 0) {
            return -takeError();
        }
        if (outputShut || state == State.RESET || state == State.FRESH) {
            return -Errno.EPIPE;
        }
        if (state == State.CONNECTING || jammed || output().room() <= 0) {
            noSpace = true;
            return -Errno.EAGAIN;
        }
        return output().room();
    }

    void sent(int count) {
        if (watch != null) {
            watch.taken(output(), count);
        }
        wrote(count);
    }

    /** The same of a part of a file. */
    void sent(int count, OpenFile file, long position) {
        if (watch != null) {
            watch.taken(output(), count, file, position);
        }
        wrote(count);
    }

    private void wrote(int count) {
        output().wrote(count);
        world.progressed();
    }

    /** A fault: has no room for a while. */
    void jam(long nanos) {
        if (!jammed) {
            jammed = true;
            world.in(nanos, () -> {
                jammed = false;
                roomMade();
            });
        }
    }

    int shutdownOutput() {
        if (state != State.ESTABLISHED || isOver()) {
            return -Errno.ENOTCONN;
        }
        if (!outputShut) {
            outputShut = true;
            output().end();
        }
        wake(ANYTHING); // inet_shutdown() wakes whoever polls
        return 0;
    }

    int takeError() {
        int taken = error;
        error = 0;
        return taken;
    }

    void resetOnClose() {
        resetsOnClose = true;
    }

    /** tcp_close(): with a reset where one is asked for, or where bytes were left unread. */
    @Override
    void close() {
        closed = true;
        if (state != State.ESTABLISHED || isOver()) {
            return;
        }
        if (resetsOnClose || input().waiting() > 0) {
            answerReset();
        } else if (!outputShut) {
            outputShut = true;
            output().end();
        }
    }

    // ---- what arrives

    void established() {
        state = State.ESTABLISHED;
        noSpace = false;
        wake(ANYTHING);
    }

    void connectFailed(int errno) {
        if (isConnecting()) {
            state = State.RESET;
            error = errno;
            world.tell(host, number(), "its connect fails with errno #", errno);
            wake(ANYTHING);
        }
    }

    void arrived(int key) {
        wake(key);
    }

    void probe() {
        if (out != null && !isGone()) {
            out.probe();
        }
    }

    void finArrived() {
        fin = true;
        wake(ANYTHING);
    }

    /** Its FIN is acknowledged: tcp_rcv_state_process() wakes whoever polls, whether the other end has ended or not. */
    void endAcknowledged() {
        if (state == State.ESTABLISHED) {
            wake(ANYTHING);
        }
    }

    /** Room was made, or a jam is over: sk_stream_write_space(). */
    void roomMade() {
        if (noSpace && isWritable()) {
            noSpace = false;
            wake(OUT);
        }
    }

    /** tcp_reset(). What has arrived can still be read. */
    void resetArrived() {
        if (state == State.RESET || isGone() || isOver()) {
            return;
        }
        world.tell(host, number(), "is reset", 0);
        boolean closeWait = fin && !outputShut;
        die(state == State.CONNECTING ? Errno.ECONNREFUSED : closeWait ? Errno.EPIPE : Errno.ECONNRESET);
    }

    void timedOut(int errno) {
        if (state != State.RESET && !isGone() && !isOver()) {
            die(errno);
        }
    }

    private void die(int errno) {
        state = State.RESET;
        error = errno;
        if (out != null) {
            out.breakOff();
        }
        wake(ERR);
        wake(ANYTHING);
    }

    /** Its handshake never came to an end: what comes to it is answered by a reset. */
    void neverBegan() {
        state = State.RESET;
    }

    /** Sends a reset, and is gone. */
    void answerReset() {
        if (state == State.RESET) {
            return;
        }
        state = State.RESET;
        world.tell(host, number(), "sends a reset", 0);
        output().sendReset();
        wake(ANYTHING);
    }

    // ---- readiness

    boolean isWritable() {
        return state == State.ESTABLISHED && !outputShut && !jammed && output().isWritable();
    }

    /** Whether recv(2) would answer something; asking changes nothing, as polling does. */
    boolean isReadable() {
        return error != 0 || fin || state == State.RESET || (in != null && in.waiting() > 0);
    }

    /** tcp_poll(). */
    @Override
    int readiness() {
        if (state == State.CONNECTING) {
            return error == 0 ? 0 : ERR;
        }
        if (state == State.FRESH) {
            return OUT | HUP;
        }
        int mask = error == 0 ? 0 : ERR;
        boolean reset = state == State.RESET;
        if (reset || (fin && outputShut)) {
            mask |= HUP;
        }
        if (reset || fin) {
            mask |= IN | RDHUP;
        }
        if (in != null && in.waiting() > 0) {
            mask |= IN;
        }
        if (reset || outputShut || isWritable()) {
            mask |= OUT;
        } else {
            noSpace = true;
        }
        return mask;
    }
}

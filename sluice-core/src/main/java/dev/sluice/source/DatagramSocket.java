package dev.sluice.source;

import dev.sluice.engine.DatagramInput;
import dev.sluice.engine.Poller;
import dev.sluice.engine.Watch;
import dev.sluice.events.DatagramHandler;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Datagrams;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A datagram socket: received by the batch, and answered by the batch once the handler has seen all of it. */
final class DatagramSocket extends OpenSource implements Datagrams {
    /** Calls of one turn that receive; then others get their turn. */
    private static final int BATCHES_PER_TURN = 4;

    private final DatagramHandler handler;
    private final DatagramOptions options;
    private final int fd;
    private final InetSocketAddress local;
    private final Watch watch;
    /** The ring's, or by readiness and calls. */
    private DatagramInput input;

    private final PeerAddresses peers = new PeerAddresses();
    private final DatagramOutput output;

    /** Of what the last call received, the next that is told, and how many there were. */
    private int next;

    private int count;
    private boolean paused;
    private boolean flushAsked;
    /** In the midst of a batch: what is sent meanwhile leaves after it. */
    private boolean telling;

    private long received;
    private long truncated;

    private DatagramSocket(DomainEvents events, DatagramOptions options, DatagramHandler handler, int fd, int family) {
        super(events);
        this.handler = handler;
        this.options = options;
        this.fd = fd;
        this.local = (InetSocketAddress) Sockets.localAddress(fd, events.state());
        this.output = new DatagramOutput(fd, family, options);
        this.watch = events.home().watch(fd, this::ready);
        int addressBytes = SocketAddresses.internetBytes(family);
        DatagramInput ring =
                events.home().datagrams(fd, addressBytes, options.maxBytes(), options.batch(), this::ready);
        this.input = ring != null ? ring : polled();
        arm();
    }

    static DatagramSocket open(DomainEvents events, DatagramOptions options, DatagramHandler handler) {
        CallState state = events.state();
        int family = SocketAddresses.family(options.local());
        int flags = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK;
        int fd = SysException.check(Sockets.socket(family, flags, 0, state), "socket", options.local());
        try {
            SysException.check(Sockets.bind(fd, options.local(), family, state), "bind", options.local());
            InetSocketAddress remote = options.remote();
            if (remote != null) {
                SysException.check(Sockets.connect(fd, remote, family, state), "connect", remote);
            }
            return new DatagramSocket(events, options, handler, fd, family);
        } catch (RuntimeException e) {
            Descriptors.close(fd, state);
            throw e;
        }
    }

    // ---- receiving

    private DatagramInput polled() {
        return new PolledDatagrams(fd, options, events.state());
    }

    private void ready(int found) {
        if (isClosed()) {
            return;
        }
        if (found == DatagramInput.UNSUPPORTED) {
            input.close();
            input = polled();
            arm();
            return;
        }
        if (found < 0) {
            tellFailure(found);
            close();
            return;
        }
        if ((found & Poller.OUT) != 0) {
            flush();
        }
        for (int batch = 0; batch < BATCHES_PER_TURN && !paused && !isClosed(); batch++) {
            if (!receive()) {
                break;
            }
        }
        arm();
    }

    /** Receives a batch and tells it; whether there may be more. */
    private boolean receive() {
        if (next < count) {
            tell(); // what a pause left of the last one
            return true;
        }
        next = 0;
        count = 0;
        int n = input.receive();
        if (n < 0) {
            if (n != -Errno.EAGAIN && n != -Errno.EINTR) {
                tellFailure(n);
            }
            return false;
        }
        count = n;
        tell();
        return n == options.batch();
    }

    private void tell() {
        telling = true;
        while (next < count && !paused && !isClosed()) {
            int index = next++;
            received++;
            boolean cut = input.isTruncated(index);
            truncated += cut ? 1 : 0;
            InetSocketAddress from = peers.find(input.address(index), input.addressBytes(index));
            output.peer(from, input.address(index));
            call(() -> handler.received(input.bytes(index), from, cut));
        }
        telling = false;
        output.noPeer();
        if (next == count) {
            input.done();
        }
        flush();
    }

    @Override
    public void pause() {
        paused = true;
        arm();
    }

    @Override
    public void resume() {
        if (paused && !isClosed()) {
            paused = false;
            events.home().submit(this::goOn);
        }
    }

    private void goOn() {
        if (!paused && !isClosed() && next < count) {
            tell(); // no readiness comes of what is received already
        }
        arm();
    }

    private void arm() {
        if (!isClosed()) {
            watch.arm(input.interest(!paused) | (output.isWaiting() ? Poller.OUT : 0));
        }
    }

    // ---- sending

    @Override
    public boolean send(ByteBuffer bytes, InetSocketAddress to) {
        if (options.remote() != null) {
            throw new IllegalStateException("the socket is connected to " + options.remote() + ": send to that only");
        }
        return queue(bytes, to);
    }

    @Override
    public boolean send(ByteBuffer bytes) {
        if (options.remote() == null) {
            throw new IllegalStateException("the socket is connected to nobody: say where to send to");
        }
        return queue(bytes, null);
    }

    private boolean queue(ByteBuffer bytes, @Nullable InetSocketAddress to) {
        if (isClosed()) {
            return false;
        }
        if (output.isFull() && !output.isWaiting()) {
            output.flush(events.state());
        }
        boolean taken = output.add(bytes, to);
        if (!telling && !flushAsked) {
            flushAsked = true;
            events.home().submit(this::flushed);
        }
        return taken;
    }

    private void flushed() {
        flushAsked = false;
        if (!isClosed()) {
            flush();
            arm();
        }
    }

    /** Sends what is queued; outside of any call of the handler. */
    private void flush() {
        if (isClosed()) {
            return;
        }
        boolean room = output.flush(events.state());
        int failure = output.takeFailure();
        if (failure != 0) {
            tellFailure(failure);
        }
        if (room) {
            call(handler::sendable);
        }
    }

    private void tellFailure(int result) {
        call(() -> handler.failed("datagrams of " + local + ": " + Errno.describe(-result)));
    }

    // ---- the rest

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public Counts counts() {
        return new Counts(
                received, truncated, output.sentCount(), output.droppedCount(), input.callCount() + output.callCount());
    }

    @Override
    void release() {
        input.close();
        watch.close();
        Descriptors.close(fd, events.state());
        events.ended(this);
    }
}

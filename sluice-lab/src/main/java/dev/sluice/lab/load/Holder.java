package dev.sluice.lab.load;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection that is held open and sends nothing, unless a {@link RollCall} asks it to. Inside its lane only. */
final class Holder implements Dials.Line, Session {
    private final Lane lane;
    private final SocketAddress address;
    private final AtomicInteger held;
    private @Nullable Connection connection;
    private RollCall.@Nullable Call call;
    private boolean established;
    private boolean over;

    /**
     * A connection.
     *
     * @param held counts those that are established
     */
    Holder(Lane lane, SocketAddress address, AtomicInteger held) {
        this.lane = lane;
        this.address = address;
        this.held = held;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public Session open(Connection connection) {
        this.connection = connection;
        return this;
    }

    @Override
    public void opened() {
        established = true;
        held.incrementAndGet();
        lane.dialEnded(true);
    }

    boolean isOpen() {
        return established && !over;
    }

    boolean wasEstablished() {
        return established;
    }

    /** Makes a request; whatever comes is its answer, until {@link #answered}. */
    void ask(RollCall.Call request, byte[] bytes) {
        call = request;
        if (connection != null) {
            connection.write(bytes, 0, bytes.length);
        }
    }

    void answered() {
        call = null;
    }

    void abort() {
        if (connection != null) {
            connection.abort();
        }
    }

    @Override
    public void received(ByteBuffer input) {
        if (call != null) {
            call.received(input);
        } else {
            input.position(input.limit()); // whatever a server greets with
        }
    }

    @Override
    public void ended() {
        if (call != null) {
            call.ended();
        }
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void closed(Cause cause) {
        over = true;
        if (lane.isOver()) {
            return;
        }
        if (call != null) {
            call.failed(Errors.Kind.RESET, cause.detail().isEmpty() ? cause.toString() : cause.detail());
        }
        if (established) {
            held.decrementAndGet();
        } else {
            lane.errors.add(Errors.Kind.CONNECT, 1, cause.detail());
            lane.dialEnded(true);
        }
    }
}

package dev.sluice.lab.load;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection that is held open and sends nothing. */
final class Holder implements Dials.Line, Session {
    private final Lane lane;
    private final SocketAddress address;
    private final AtomicInteger held;
    private @Nullable Connection connection;
    private boolean established;

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

    @Override
    public void received(ByteBuffer input) {
        input.position(input.limit()); // whatever a server greets with
    }

    @Override
    public void ended() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void closed(Cause cause) {
        if (lane.isOver()) {
            return;
        }
        if (established) {
            held.decrementAndGet();
        } else {
            lane.errors.add(Errors.Kind.CONNECT, 1, cause.detail());
            lane.dialEnded(true);
        }
    }
}

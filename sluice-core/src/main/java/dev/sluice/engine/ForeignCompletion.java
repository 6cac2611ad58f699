package dev.sluice.engine;

import java.nio.ByteBuffer;

/** What a ring knows of a descriptor of somebody else's: its operations are none of a connection's. */
abstract class ForeignCompletion implements Completion {
    @Override
    public final void connected(int result) {
        throw new IllegalStateException("not a connection");
    }

    @Override
    public final void received(ByteBuffer bytes) {
        throw new IllegalStateException("not a connection");
    }

    @Override
    public final void receiveEnded(int result) {
        throw new IllegalStateException("not a connection");
    }

    @Override
    public final void sent(long result) {
        throw new IllegalStateException("not a connection");
    }

    @Override
    public final void closed() {
        throw new IllegalStateException("not a connection");
    }
}

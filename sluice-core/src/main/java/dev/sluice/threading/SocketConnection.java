package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Completion;
import dev.sluice.engine.Handle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection, the same on every model: what its session, its engine and its domain hold of it. Its {@link Lifecycle}
 * is the state machine, with an {@link Input} and an {@link Output}. It asks its {@link Domain} for an engine, a clock
 * and an order, and knows nothing of which engine that is.
 *
 * <p>All of it runs inside the domain, {@link #execute} apart.
 */
public final class SocketConnection implements Connection, Completion, Dialer {
    private final Domain domain;
    private final Handle handle;
    private final Lifecycle lifecycle;
    private final Input input;
    private final Output output;
    private @Nullable SocketAddress local;
    private @Nullable SocketAddress remote;

    // Links of the domain's ConnectionList.
    @Nullable
    SocketConnection previous;

    @Nullable
    SocketConnection next;

    public SocketConnection(Domain domain, Handle handle) {
        this.domain = domain;
        this.handle = handle;
        this.lifecycle = new Lifecycle(this, domain, handle);
        this.input = lifecycle.input;
        this.output = lifecycle.output;
        domain.attach(handle, this);
    }

    // ---- for the domain

    /** Opens the session of an accepted connection. */
    public void openAccepted(Service service) {
        lifecycle.openAccepted(service);
    }

    /** Opens the session of a connection that is being dialled. */
    public void openDialled(Service service) {
        lifecycle.openDialled(service);
    }

    /** Opens a session only to tell it that there will be no connection. */
    void openRefused(Service service, Cause why) {
        lifecycle.openRefused(service, why);
    }

    /** Whether the engine was asked to receive. */
    boolean isReceiving() {
        return input.isArmed();
    }

    /** The turn that was asked for. */
    public void turn() {
        lifecycle.turn();
    }

    /** The domain's task that runs {@link #turn}. */
    Runnable turnTask() {
        return this::turn;
    }

    /** Tells the session that the server is draining; from the domain's loop. */
    void askStopping() {
        domain.submit(lifecycle::stopping);
    }

    /** Cuts the connection; from the domain's loop. */
    void askCut() {
        domain.cut(this);
    }

    /** Starts the end, once: whatever comes first is the cause. False where it was on its way already. */
    boolean finish(Cause why, boolean reset) {
        return lifecycle.finish(why, reset);
    }

    // ---- from the engine

    @Override
    public void connected(int result) {
        lifecycle.connected(result);
    }

    @Override
    public void received(ByteBuffer bytes) {
        lifecycle.deadlines.active();
        if (lifecycle.isOpen()) {
            input.received(bytes);
        }
        lifecycle.settle();
    }

    @Override
    public void receiveEnded(int result) {
        input.receiveEnded();
        if (result < 0) {
            lifecycle.failed("recv", result);
        }
        lifecycle.settle();
    }

    @Override
    public void sent(long result) {
        if (lifecycle.isOver()) {
            return;
        }
        if (result < 0) {
            lifecycle.failed("send", (int) result);
        } else if (output.sent(result)) {
            if (lifecycle.isOpen() && !output.isEndAsked()) {
                lifecycle.callbacks.call(Session::drained);
            }
            input.offerAgain();
        }
        lifecycle.settle();
    }

    @Override
    public void closed() {
        lifecycle.closed();
    }

    // ---- from the session

    @Override
    public boolean write(ByteBuffer bytes) {
        return output.write(bytes);
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        return output.write(bytes, offset, length);
    }

    @Override
    public boolean transfer(FileRegion region) {
        return output.transfer(region);
    }

    @Override
    public long queuedBytes() {
        return output.bytes();
    }

    @Override
    public void pauseReading() {
        input.pause();
        lifecycle.settleSoon();
    }

    @Override
    public void resumeReading() {
        input.resume();
        lifecycle.askTurn();
    }

    @Override
    public void end() {
        output.askEnd();
        lifecycle.settleSoon();
    }

    @Override
    public void close() {
        lifecycle.close();
    }

    @Override
    public void abort() {
        lifecycle.finish(Cause.LOCAL, true);
    }

    @Override
    public boolean execute(Runnable task) {
        return lifecycle.tasks.execute(task);
    }

    @Override
    public Timer after(long delayNanos, Runnable task) {
        return lifecycle.timers.start(delayNanos, task);
    }

    // ---- the world

    @Override
    public void dial(SocketAddress address, Service service) {
        domain.dial(address, service);
    }

    @Override
    public SocketAddress remoteAddress() {
        if (remote == null) {
            remote = domain.engine().remoteAddress(handle);
        }
        return remote;
    }

    @Override
    public SocketAddress localAddress() {
        if (local == null) {
            local = domain.engine().localAddress(handle);
        }
        return local;
    }

    @Override
    public long nanoTime() {
        return domain.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public RandomGenerator random() {
        return ThreadLocalRandom.current();
    }

    @Override
    public Files files() {
        return KernelFiles.INSTANCE;
    }
}

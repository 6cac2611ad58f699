package dev.sluice.sim;

import dev.sluice.Connection;
import dev.sluice.DomainLocal;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Priority;
import dev.sluice.Service;
import dev.sluice.events.Events;
import dev.sluice.threading.DomainMember;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** What a session asks of its connection, each call seen by its {@link Watch}. */
final class WatchedConnection implements Connection, DomainMember {
    private final Watch watch;
    private final Connection connection;

    WatchedConnection(Watch watch, Connection connection) {
        this.watch = watch;
        this.connection = connection;
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        long before = connection.queuedBytes();
        boolean mayGoOn = connection.write(bytes);
        if (bytes.hasRemaining()) {
            watch.violated("a write leaves " + bytes.remaining() + " bytes of its buffer");
        }
        watch.wrote(copy, mayGoOn, before);
        return mayGoOn;
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        long before = connection.queuedBytes();
        boolean mayGoOn = connection.write(bytes, offset, length);
        watch.wrote(Arrays.copyOfRange(bytes, offset, offset + length), mayGoOn, before);
        return mayGoOn;
    }

    @Override
    public boolean transfer(FileRegion region) {
        boolean taken = watch.takesOutput() && region.count() > 0;
        boolean mayGoOn = connection.transfer(region);
        if (taken) {
            watch.transferred(region);
        }
        return mayGoOn;
    }

    @Override
    public void end() {
        watch.endAsked();
        connection.end();
    }

    @Override
    public void close() {
        watch.closeAsked();
        connection.close();
    }

    @Override
    public void abort() {
        watch.abortAsked();
        connection.abort();
    }

    @Override
    public void pauseReading() {
        watch.paused(true);
        connection.pauseReading();
    }

    @Override
    public void resumeReading() {
        watch.paused(false);
        connection.resumeReading();
    }

    @Override
    public void readIndependently() {
        watch.independent();
        connection.readIndependently();
    }

    @Override
    public void idleTimeout(long nanos) {
        watch.idleTimeout(nanos);
        connection.idleTimeout(nanos);
    }

    @Override
    public void priority(Priority priority) {
        connection.priority(priority);
    }

    @Override
    public boolean execute(Runnable task) {
        boolean taken = connection.execute(watch.timers().task(task));
        if (taken) {
            watch.timers().queued();
        }
        return taken;
    }

    @Override
    public Timer after(long delayNanos, Runnable task) {
        return watch.timers().after(delayNanos, task, connection::after);
    }

    @Override
    public Timer every(long periodNanos, Runnable task) {
        return watch.timers().every(periodNanos, task, connection::every);
    }

    @Override
    public Timer timer(Runnable task) {
        return watch.timers().timer(task, connection::timer);
    }

    @Override
    public void dial(SocketAddress remote, Service service) {
        watch.dial((DomainMember) connection, remote, service);
    }

    @Override
    public boolean submit(Runnable task) {
        return ((DomainMember) connection).submit(task);
    }

    @Override
    public long turnNanos() {
        return connection.turnNanos();
    }

    @Override
    public long unsentBytes() {
        return connection.unsentBytes();
    }

    @Override
    public <T> T local(DomainLocal<T> key) {
        return ((DomainMember) connection).local(key);
    }

    @Override
    public boolean isDomainShared() {
        return ((DomainMember) connection).isDomainShared();
    }

    @Override
    public long queuedBytes() {
        return connection.queuedBytes();
    }

    @Override
    public SocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public void remoteAddress(SocketAddress client) {
        connection.remoteAddress(client);
    }

    @Override
    public SocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public Events events() {
        return connection.events();
    }

    @Override
    public long nanoTime() {
        return connection.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return connection.currentTimeMillis();
    }

    @Override
    public RandomGenerator random() {
        return connection.random();
    }

    @Override
    public Files files() {
        return connection.files();
    }
}

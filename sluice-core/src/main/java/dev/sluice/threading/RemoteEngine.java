package dev.sluice.threading;

import dev.sluice.OpenFile;
import dev.sluice.engine.Chunk;
import dev.sluice.engine.Engine;
import dev.sluice.engine.EngineCounters;
import dev.sluice.engine.Handle;
import dev.sluice.engine.ListenOptions;
import java.net.SocketAddress;

/** A loop's engine for threads that are not the loop's: each operation is a task for it. */
final class RemoteEngine implements Engine {
    private final Loop loop;

    RemoteEngine(Loop loop) {
        this.loop = loop;
    }

    private Engine engine() {
        return loop.engine();
    }

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return loop.call(() -> engine().listen(address, options));
    }

    @Override
    public Handle listenOn(int descriptor) {
        return loop.call(() -> engine().listenOn(descriptor));
    }

    @Override
    public void accept(Handle listener) {
        loop.submit(() -> engine().accept(listener));
    }

    @Override
    public void stopAccepting(Handle listener) {
        loop.submit(() -> engine().stopAccepting(listener));
    }

    @Override
    public boolean acceptNow(Handle listener) {
        return loop.call(() -> engine().acceptNow(listener));
    }

    @Override
    public Handle adopt(Handle foreign) {
        return loop.call(() -> engine().adopt(foreign));
    }

    @Override
    public Handle connect(SocketAddress remote) {
        return loop.call(() -> engine().connect(remote));
    }

    @Override
    public SocketAddress localAddress(Handle handle) {
        return loop.call(() -> engine().localAddress(handle));
    }

    @Override
    public SocketAddress remoteAddress(Handle handle) {
        return loop.call(() -> engine().remoteAddress(handle));
    }

    @Override
    public void receive(Handle handle) {
        loop.submit(() -> engine().receive(handle));
    }

    @Override
    public void stopReceiving(Handle handle) {
        loop.submit(() -> engine().stopReceiving(handle));
    }

    @Override
    public void send(Handle handle, Chunk first) {
        loop.submit(() -> engine().send(handle, first));
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        loop.submit(() -> engine().sendFile(handle, file, position, count));
    }

    @Override
    public void shutdownOutput(Handle handle) {
        loop.submit(() -> engine().shutdownOutput(handle));
    }

    @Override
    public void close(Handle handle, boolean reset) {
        loop.submit(() -> engine().close(handle, reset));
    }

    @Override
    public EngineCounters counters() {
        return engine().counters();
    }

    /** The loop closes its engine itself. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("the engine is the loop's");
    }
}

package dev.sluice.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A back end that does what a test says, byte by byte: a thread for each connection. */
final class Scripted implements AutoCloseable {
    /** What it does with one connection. */
    interface Script {
        void run(Wire wire, Scripted self) throws IOException;
    }

    private final ServerSocket listener;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<Wire> wires = new CopyOnWriteArrayList<>();

    Scripted(Script script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    /** One that answers each request alike. */
    static Scripted answering(String response) throws IOException {
        return new Scripted((wire, self) -> {
            while (!self.request(wire).isEmpty()) {
                wire.send(response);
            }
        });
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Wire wire = new Wire(listener.accept());
                wires.add(wire);
                connections.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> serve(wire));
            } catch (IOException e) {
                return; // the listener was closed
            }
        }
    }

    private void serve(Wire wire) {
        try (wire) {
            script.run(wire, this);
        } catch (IOException e) {
            // The proxy broke the connection, which is what some tests are about.
        } finally {
            ended.incrementAndGet();
        }
    }

    /** Reads a head and remembers it; empty at the connection's end. */
    String request(Wire wire) throws IOException {
        String head = wire.head();
        if (!head.isEmpty()) {
            heads.add(head);
        }
        return head;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    int connections() {
        return connections.get();
    }

    /** Connections whose script is over. */
    int ended() {
        return ended.get();
    }

    List<String> heads() {
        return heads;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        wires.forEach(Wire::close);
    }
}

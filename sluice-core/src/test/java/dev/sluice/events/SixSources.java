package dev.sluice.events;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.os.CallState;
import dev.sluice.os.Signals;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A service of its own process, fed by standard input, a child process, a signal, a file change, UDP and TCP at once, all on one
 * loop. What it is told it says, with the kernel's thread that it was told on. The end of its standard input stops it.
 */
final class SixSources {
    private final CallState state = CallState.global();
    private final CountDownLatch end = new CountDownLatch(1);
    private final Path folder;

    private SixSources(Path folder) {
        this.folder = folder;
    }

    /** The model, and the folder that is watched. */
    public static void main(String[] arguments) throws Exception {
        new SixSources(Path.of(arguments[1])).run(arguments[0]);
    }

    private void run(String model) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Server server = Server.builder(Tcp::new)
                .model(model)
                .listen(new InetSocketAddress(loopback, 0))
                .start()) {
            Events events = server.events();
            events.execute(() -> open(events, server.port(), loopback));
            end.await();
        }
        say("stopped", "");
    }

    private void open(Events events, int port, InetAddress loopback) {
        events.standardInput(new Input());
        Child child = events.processes().spawn(Command.of("cat"), new Cat());
        events.onSignal("WINCH", count -> {
            say("signal", "WINCH");
            child.write(bytes("asked by a signal\n"));
        });
        events.fileChanges(change ->
                        say("file", change.kind() + " " + change.path().getFileName()))
                .watch(folder);
        Datagrams[] udp = new Datagrams[1];
        udp[0] = events.datagrams(DatagramOptions.on(new InetSocketAddress(loopback, 0)), (datagram, from, cut) -> {
            say("udp", text(datagram));
            udp[0].send(bytes("pong"), from);
        });
        say("ready", port + " " + udp[0].localAddress().getPort());
    }

    /** Says a line: kind, thread, what. */
    private void say(String kind, String what) {
        System.out.println(kind + " " + Signals.self(state) + " " + what);
    }

    private static String text(ByteBuffer buffer) {
        byte[] all = new byte[buffer.remaining()];
        buffer.get(all);
        return new String(all, StandardCharsets.US_ASCII).trim();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private final class Input implements InputHandler {
        @Override
        public void received(ByteBuffer bytes) {
            say("stdin", text(bytes));
        }

        @Override
        public void ended() {
            end.countDown();
        }
    }

    private final class Cat implements ChildHandler {
        @Override
        public void output(ByteBuffer bytes) {
            say("child", text(bytes));
        }

        @Override
        public void exited(Exit exit) {
            say("child", exit.toString());
        }
    }

    private final class Tcp implements Session {
        private final Connection connection;

        Tcp(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void received(ByteBuffer input) {
            say("tcp", text(input));
            connection.write(bytes("pong"));
        }

        @Override
        public void ended() {
            connection.end();
        }
    }
}

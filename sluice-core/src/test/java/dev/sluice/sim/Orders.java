package dev.sluice.sim;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.os.Errno;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Consumer;

/**
 * The Java side of bench/orders.py, which compares what a kernel and a world do with the same service and the same client.
 *
 * <pre>
 *   serve MODEL NAME=SERVICE …          real servers, one for each, until the standard input ends
 *   world BENEATH NAME=SERVICE=SCRIPT … each in a world of its own: calls, callbacks and what the client saw, line by line
 * </pre>
 */
final class Orders {
    private static final Options OPTIONS = Options.builder()
            .loops(1)
            .outputMarks(1, 64 * 1024)
            .outputLimit(64 << 20)
            .lingerTimeout(Duration.ofSeconds(1))
            .build();
    private static final long LINK_NANOS = 10_000;
    private static final long LINK_BYTES = 10_000_000_000L;
    private static final int BUFFER_BYTES = 256 * 1024;

    private Orders() {}

    public static void main(String... args) throws IOException {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            Consumer<String> lines = line -> print(out, line);
            for (int i = 2; i < args.length; i++) {
                String[] words = args[i].split("=", 3);
                OrdersService.Kind kind = OrdersService.Kind.valueOf(words[1].toUpperCase(Locale.ROOT));
                if (args[0].equals("serve")) {
                    serve(args[1], words[0], kind, lines);
                } else {
                    lines.accept("scenario " + words[0]);
                    play(Beneath.of(args[1]), kind, words[2], lines);
                }
            }
            if (args[0].equals("serve")) {
                Server.prepare();
                lines.accept("ready " + ProcessHandle.current().pid());
                System.in.readAllBytes();
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** One write(2) for each line: strace shows it among the calls. */
    private static void print(FileOutputStream out, String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(String model, String name, OrdersService.Kind kind, Consumer<String> lines)
            throws IOException {
        InetSocketAddress nobody;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), unused.getLocalPort());
        }
        OrdersService service =
                new OrdersService(kind, nobody, Orders::sleep, line -> lines.accept("told " + name + " " + line));
        Server server = Server.builder(service)
                .model(model)
                .options(OPTIONS)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start();
        lines.accept("port " + name + " " + server.port());
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a loop", e);
        }
    }

    private static void play(Beneath beneath, OrdersService.Kind kind, String script, Consumer<String> lines) {
        try (World world = World.builder(1)
                .beneath(beneath)
                .faults(Faults.none())
                .buffers(BUFFER_BYTES, BUFFER_BYTES)
                .build()) {
            Host host = world.host("server");
            Host client = world.host("client");
            for (Link link : new Link[] {world.link(host, client), world.link(client, host)}) {
                link.latency(Latency.constant(LINK_NANOS)).bandwidth(LINK_BYTES);
            }
            host.kernel()
                    .log((call, fd, result) -> lines.accept("call " + call + " " + fd + " " + words(call, result)));
            OrdersService service = new OrdersService(
                    kind,
                    client.address(9),
                    time -> world.elapse(time.toNanos()),
                    line -> lines.accept("told " + line));
            Server server = host.serve(Server.builder(service).options(OPTIONS), 7);
            new OrdersClient(world, host, (InetSocketAddress) server.address(), line -> lines.accept("peer " + line))
                    .play(script);
            world.run();
            lines.accept("over");
        }
    }

    private static String words(String call, long result) {
        if (result < 0) {
            return Errno.name((int) -result);
        }
        return switch (call) {
            case "wait", "add", "modify" -> bits(result);
            case "error" -> result == 0 ? "0" : Errno.name((int) result);
            default -> Long.toString(result);
        };
    }

    private static String bits(long mask) {
        StringJoiner words = new StringJoiner("|");
        String[] names = {"IN", "OUT", "ERR", "HUP", "RDHUP"};
        int[] bits = {Pollable.IN, Pollable.OUT, Pollable.ERR, Pollable.HUP, Pollable.RDHUP};
        for (int i = 0; i < bits.length; i++) {
            if ((mask & bits[i]) != 0) {
                words.add(names[i]);
            }
        }
        return words.length() == 0 ? "0" : words.toString();
    }
}

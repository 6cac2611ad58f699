package dev.sluice.events;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.UringSwitch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a datagram costs a loop that echoes it, two ways in turns in one run: processor time of the loop's thread. The generator keeps so
 * many datagrams of 64 bytes under way. {@code batch}: received and sent by the batch (recvmmsg, sendmmsg), and by one call each. {@code
 * ring}, on io_uring: received by the ring, and by its poll and recvmmsg.
 *
 * <pre>java -cp … dev.sluice.events.UdpEchoCost batch|ring MODEL ROUNDS MILLIS [UNDER_WAY]</pre>
 */
final class UdpEchoCost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private UdpEchoCost() {}

    /** What is compared, the model, rounds, milliseconds of each, and how many datagrams are under way. */
    public static void main(String[] arguments) throws Exception {
        boolean ring = arguments[0].equals("ring");
        String model = arguments[1];
        int rounds = Integer.parseInt(arguments[2]);
        long millis = Long.parseLong(arguments[3]);
        int underWay = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 128;
        Options standard = Options.builder().build();
        Way one = new Way(model, standard, 64, underWay);
        Way other = ring
                ? new Way(
                        model,
                        Options.builder()
                                .uring(UringSwitch.parse("multishot=off"))
                                .build(),
                        64,
                        underWay)
                : new Way(model, standard, 1, underWay);
        measure(one, millis); // warms up
        measure(other, millis);
        for (int i = 0; i < rounds; i++) {
            Cost first = measure(one, millis);
            Cost second = measure(other, millis);
            System.out.printf(
                    ring
                            ? "by the ring %s | by poll and recvmmsg %s | processor time a datagram: 1 to %.2f%n"
                            : "batched %s | one a call %s | processor time a datagram: 1 to %.2f%n",
                    first,
                    second,
                    second.nanos() / first.nanos());
        }
    }

    private record Way(String model, Options options, int batch, int underWay) {}

    /** Of one datagram. */
    private record Cost(double nanos, double calls, double perSecond) {
        @Override
        public String toString() {
            return String.format("%.0f ns, %.2f calls, %.0f/s", nanos, calls, perSecond);
        }
    }

    private record Silent() implements Session {
        @Override
        public void received(ByteBuffer input) {}

        @Override
        public void ended() {}
    }

    private static Cost measure(Way way, long millis) throws Exception {
        try (Server server = Server.builder((Connection c) -> new Silent())
                .model(way.model())
                .options(way.options())
                .start()) {
            Events events = server.events();
            CompletableFuture<Datagrams> opened = new CompletableFuture<>();
            long[] thread = new long[1];
            events.execute(() -> {
                thread[0] = Thread.currentThread().threadId();
                Datagrams[] socket = new Datagrams[1];
                InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                socket[0] = events.datagrams(
                        DatagramOptions.on(any).maxBytes(512).batch(way.batch()),
                        (bytes, from, cut) -> socket[0].send(bytes, from));
                opened.complete(socket[0]);
            });
            Datagrams socket = opened.get();
            long before = THREADS.getThreadCpuTime(thread[0]);
            long began = System.nanoTime();
            long echoed = generate(socket.localAddress(), way.underWay(), millis);
            double seconds = (System.nanoTime() - began) / 1e9;
            long processor = THREADS.getThreadCpuTime(thread[0]) - before;
            CompletableFuture<Datagrams.Counts> counts = new CompletableFuture<>();
            events.execute(() -> counts.complete(socket.counts()));
            Datagrams.Counts all = counts.get();
            return new Cost(
                    (double) processor / all.received(), (double) all.calls() / all.received(), echoed / seconds);
        }
    }

    private static long generate(InetSocketAddress to, int most, long millis) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        ByteBuffer datagram = ByteBuffer.allocateDirect(64);
        long echoed = 0;
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
            channel.connect(to);
            channel.configureBlocking(false);
            int underWay = 0;
            long lastNanos = System.nanoTime();
            while (System.nanoTime() - end < 0) {
                while (underWay < most && channel.write(datagram.clear()) > 0) {
                    underWay++;
                }
                int read = 0;
                while (channel.read(datagram.clear()) > 0) {
                    read++;
                }
                underWay -= read;
                echoed += read;
                long now = System.nanoTime();
                if (read > 0) {
                    lastNanos = now;
                } else if (now - lastNanos > TimeUnit.MILLISECONDS.toNanos(50)) {
                    underWay = 0; // lost
                } else {
                    Thread.yield();
                }
            }
        }
        return echoed;
    }
}

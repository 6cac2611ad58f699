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
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a datagram costs a loop that echoes it, two ways in turns in one run: processor time of the loop's thread. The generator keeps so
 * many datagrams of 64 bytes under way. {@code batch}: received and sent by the batch (recvmmsg, sendmmsg), and by one call each. {@code
 * ring}, on io_uring: received by the ring, and by its poll and recvmmsg. {@code receive}: the same, and nothing is sent back; then so
 * many come at a time, when all before them were received.
 *
 * <pre>java -cp … dev.sluice.events.UdpEchoCost batch|ring|receive MODEL ROUNDS MILLIS [UNDER_WAY]</pre>
 */
final class UdpEchoCost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private UdpEchoCost() {}

    /** What is compared, the model, rounds, milliseconds of each, and how many datagrams are under way. */
    public static void main(String[] arguments) throws Exception {
        boolean echo = !arguments[0].equals("receive");
        boolean ring = !arguments[0].equals("batch");
        String model = arguments[1];
        int rounds = Integer.parseInt(arguments[2]);
        long millis = Long.parseLong(arguments[3]);
        int underWay = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 128;
        Options standard = Options.builder().build();
        Options polled =
                Options.builder().uring(UringSwitch.parse("multishot=off")).build();
        Way one = new Way(model, standard, 64, underWay, echo);
        Way other = ring ? new Way(model, polled, 64, underWay, echo) : new Way(model, standard, 1, underWay, echo);
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

    private record Way(String model, Options options, int batch, int underWay, boolean echo) {}

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
            AtomicLong seen = new AtomicLong();
            CompletableFuture<Datagrams> opened = new CompletableFuture<>();
            long[] thread = new long[1];
            events.execute(() -> {
                thread[0] = Thread.currentThread().threadId();
                Datagrams[] socket = new Datagrams[1];
                InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                socket[0] = events.datagrams(
                        DatagramOptions.on(any).maxBytes(512).batch(way.batch()), (bytes, from, cut) -> {
                            seen.lazySet(seen.getPlain() + 1);
                            if (way.echo()) {
                                socket[0].send(bytes, from);
                            }
                        });
                opened.complete(socket[0]);
            });
            Datagrams socket = opened.get();
            long before = THREADS.getThreadCpuTime(thread[0]);
            long began = System.nanoTime();
            long done = way.echo()
                    ? generate(socket.localAddress(), way.underWay(), millis)
                    : pour(socket.localAddress(), way.underWay(), millis, seen);
            double seconds = (System.nanoTime() - began) / 1e9;
            long processor = THREADS.getThreadCpuTime(thread[0]) - before;
            CompletableFuture<Datagrams.Counts> counts = new CompletableFuture<>();
            events.execute(() -> counts.complete(socket.counts()));
            Datagrams.Counts all = counts.get();
            return new Cost((double) processor / all.received(), (double) all.calls() / all.received(), done / seconds);
        }
    }

    /** Sends, and waits until all was received. */
    private static long pour(InetSocketAddress to, int burst, long millis, AtomicLong seen) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        ByteBuffer datagram = ByteBuffer.allocateDirect(64);
        long sent = 0;
        try (DatagramChannel channel = DatagramChannel.open().connect(to)) {
            while (System.nanoTime() - end < 0) {
                for (int i = 0; i < burst; i++) {
                    sent += channel.write(datagram.clear()) > 0 ? 1 : 0;
                }
                while (seen.get() < sent && System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                }
            }
        }
        return seen.get();
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

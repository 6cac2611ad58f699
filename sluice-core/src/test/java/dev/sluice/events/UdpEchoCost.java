package dev.sluice.events;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
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
 * What a datagram costs a loop that echoes it, received and sent by the batch (recvmmsg, sendmmsg) and by one call each, in turns
 * in one run: processor time of the loop's thread. The generator keeps so many datagrams of 64 bytes under way.
 *
 * <pre>java -cp … dev.sluice.events.UdpEchoCost epoll 5 2000</pre>
 */
final class UdpEchoCost {
    private static final int UNDER_WAY = 128;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private UdpEchoCost() {}

    /** The model, rounds, and milliseconds of each. */
    public static void main(String[] arguments) throws Exception {
        String model = arguments[0];
        int rounds = Integer.parseInt(arguments[1]);
        long millis = Long.parseLong(arguments[2]);
        measure(model, 64, millis); // warms up
        measure(model, 1, millis);
        for (int i = 0; i < rounds; i++) {
            Cost batched = measure(model, 64, millis);
            Cost single = measure(model, 1, millis);
            System.out.printf(
                    "batched %s | one a call %s | processor time a datagram: 1 to %.2f%n",
                    batched, single, single.nanos() / batched.nanos());
        }
    }

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

    private static Cost measure(String model, int batch, long millis) throws Exception {
        try (Server server =
                Server.builder((Connection c) -> new Silent()).model(model).start()) {
            Events events = server.events();
            CompletableFuture<Datagrams> opened = new CompletableFuture<>();
            long[] thread = new long[1];
            events.execute(() -> {
                thread[0] = Thread.currentThread().threadId();
                Datagrams[] socket = new Datagrams[1];
                InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                socket[0] = events.datagrams(
                        DatagramOptions.on(any).maxBytes(512).batch(batch),
                        (bytes, from, cut) -> socket[0].send(bytes, from));
                opened.complete(socket[0]);
            });
            Datagrams socket = opened.get();
            long before = THREADS.getThreadCpuTime(thread[0]);
            long began = System.nanoTime();
            long echoed = generate(socket.localAddress(), millis);
            double seconds = (System.nanoTime() - began) / 1e9;
            long processor = THREADS.getThreadCpuTime(thread[0]) - before;
            CompletableFuture<Datagrams.Counts> counts = new CompletableFuture<>();
            events.execute(() -> counts.complete(socket.counts()));
            Datagrams.Counts all = counts.get();
            return new Cost(
                    (double) processor / all.received(), (double) all.calls() / all.received(), echoed / seconds);
        }
    }

    private static long generate(InetSocketAddress to, long millis) throws IOException {
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
                while (underWay < UNDER_WAY && channel.write(datagram.clear()) > 0) {
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

package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.Session;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How late timers are on one model: a session on an otherwise idle server starts one timer after the other, or has so many
 * pending at once, and writes what it saw. Run by {@code bench/timers.py}.
 *
 * <p>Arguments: the model, how many timers are measured, how many are pending meanwhile, in how many milliseconds these are due.
 */
public final class TimerLateness {
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** By then they are all started. */
    private static final long CROWD_AFTER_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int WARM_UP = 300;

    private TimerLateness() {}

    public static void main(String... arguments) throws IOException {
        Options options = Options.builder().processes(1, 1).build();
        try (Server server = Server.builder(Provider.class, arguments)
                        .model(arguments[0])
                        .options(options)
                        .listen(new InetSocketAddress("127.0.0.1", 0))
                        .start();
                Socket client = new Socket("127.0.0.1", ((InetSocketAddress) server.address()).getPort())) {
            System.out.print(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    /** For the runtime, in whichever process. */
    public static final class Provider implements ServiceProvider {
        /** For the runtime. */
        public Provider() {}

        @Override
        public Service service(List<String> arguments) {
            int samples = Integer.parseInt(arguments.get(1));
            int pending = Integer.parseInt(arguments.get(2));
            long spanNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments.get(3)));
            return connection -> new Sampler(connection, samples, pending, spanNanos);
        }
    }

    private static final class Sampler implements Session {
        private final Connection connection;
        private final long[] lateness;
        private final long[] crowdsLateness;
        private final long spanNanos;
        private final Connection.Timer timer;
        private long dueAt;
        private int count = -WARM_UP;
        private int crowdCount;
        private long early;

        Sampler(Connection connection, int samples, int pending, long spanNanos) {
            this.connection = connection;
            this.lateness = new long[samples];
            this.crowdsLateness = new long[pending];
            this.spanNanos = spanNanos;
            this.timer = connection.timer(this::sample);
        }

        @Override
        public void opened() {
            for (int i = 0; i < crowdsLateness.length; i++) {
                long delay = CROWD_AFTER_NANOS + connection.random().nextLong(spanNanos);
                long due = System.nanoTime() + delay;
                connection.after(delay, () -> crowdsLateness[crowdCount++] = late(due));
            }
            next();
        }

        private long late(long due) {
            long late = System.nanoTime() - due;
            if (late < 0) {
                early++;
            }
            return late;
        }

        private void next() {
            long delay = connection.random().nextLong(LONGEST_NANOS);
            dueAt = System.nanoTime() + delay; // before the start: no timer may run before that
            timer.start(delay);
        }

        private void sample() {
            long late = late(dueAt);
            if (count >= 0 && count < lateness.length) {
                lateness[count] = late;
            }
            count++;
            if (count < lateness.length || crowdCount < crowdsLateness.length) {
                next();
            } else {
                write(lateness);
                if (crowdCount > 0) {
                    write(crowdsLateness);
                }
                connection.close();
            }
        }

        private void write(long[] sample) {
            Arrays.sort(sample);
            String line = String.format(
                    Locale.ROOT,
                    "%d early, p50 %.0f p99 %.0f p99.9 %.0f max %.0f us%n",
                    early,
                    at(sample, 0.5),
                    at(sample, 0.99),
                    at(sample, 0.999),
                    at(sample, 1));
            connection.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
        }

        private static double at(long[] sorted, double part) {
            return sorted[(int) Math.ceil(part * sorted.length) - 1] / 1e3;
        }

        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {}
    }
}

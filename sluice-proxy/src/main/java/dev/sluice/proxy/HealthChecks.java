package dev.sluice.proxy;

import dev.sluice.Client;
import dev.sluice.Options;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Asks each back end again and again whether it is well, on a loop of its own, so that a busy proxy doesn't delay what it needs
 * to know. Safe for use from any thread.
 */
public final class HealthChecks implements AutoCloseable {
    private final HealthOptions options;
    private final BiConsumer<Backend, String> onChange;
    private final Client client;
    private final ScheduledThreadPoolExecutor timer;

    /**
     * Starts checking.
     *
     * @param model that dials, such as {@code epoll}
     * @param onChange told of each back end that was taken out or came back, and why; on a thread of the checks
     */
    public HealthChecks(
            String model, List<Backend> backends, HealthOptions options, BiConsumer<Backend, String> onChange) {
        this.options = options;
        this.onChange = onChange;
        this.client = Client.start(model, Options.builder().loops(1).build());
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sluice-health");
            thread.setDaemon(true);
            return thread;
        });
        for (Backend backend : backends) {
            Rounds rounds = new Rounds(backend);
            later(
                    rounds,
                    ThreadLocalRandom.current().nextLong(options.interval().toNanos() / 10 + 1));
        }
    }

    private void later(Rounds rounds, long nanos) {
        try {
            var _ = timer.schedule(rounds, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            if (!timer.isShutdown()) {
                throw e;
            }
            // Closed meanwhile: this was the last round.
        }
    }

    /** The checks of one back end, each a while after the one before. */
    private final class Rounds implements Runnable {
        private final Backend backend;
        private int good;
        private int bad;

        Rounds(Backend backend) {
            this.backend = backend;
        }

        @Override
        public void run() {
            HealthCheck check = new HealthCheck(options, backend.toString(), this::found);
            client.dial(backend.address(), check);
        }

        /** @param problem empty where it is well */
        private void found(String problem) {
            boolean well = problem.isEmpty();
            good = well ? good + 1 : 0;
            bad = well ? 0 : bad + 1;
            if (well && !backend.isUp() && good >= options.rise()) {
                backend.up(true);
                onChange.accept(backend, "up: " + good + " good checks in a row");
            } else if (!well && backend.isUp() && bad >= options.fall()) {
                backend.up(false);
                onChange.accept(backend, "down: " + bad + " bad checks in a row; the last: " + problem);
            }
            long interval = options.interval().toNanos();
            later(this, interval - interval / 10 + ThreadLocalRandom.current().nextLong(interval / 5 + 1));
        }
    }

    /** Ends the checks; what they found last stays. */
    @Override
    public void close() {
        var _ = timer.shutdownNow();
        client.close();
    }
}

package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Priority;
import dev.sluice.WeightedQueue;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import dev.sluice.style.HandOff;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who runs the handlers that may block: the connection's own loop, a bounded pool of threads, or a virtual thread for each
 * request. All are bounded; what is over the bound is answered with 503. Safe for use from any thread.
 */
public final class Workers implements AutoCloseable, MetricSource {
    /** Requests in hand, for each thread of a pool, that wait for one. */
    private static final int WAITING_A_THREAD = 64;

    private static final int VIRTUAL_AT_ONCE = 10_000;
    /** Of virtual threads. */
    private static final String NAME = "sluice-worker";

    private static final Workers NONE = new Workers("none", null, 0);

    private final String name;
    private final @Nullable ThreadPoolExecutor pool;
    /** Running, and waiting for a thread of the pool. */
    private final int mostInHand;

    private final AtomicInteger inHand = new AtomicInteger();
    /** Those that wait for a thread of the pool; guarded by itself. */
    private final WeightedQueue<Runnable> tasks = new WeightedQueue<>();

    private Workers(String name, @Nullable ThreadPoolExecutor pool, int mostInHand) {
        this.name = name;
        this.pool = pool;
        this.mostInHand = mostInHand;
    }

    /** Handlers run on the connection's loop. */
    public static Workers none() {
        return NONE;
    }

    /**
     * A pool.
     *
     * @param threads at most so many, started when they are needed
     * @param waiting at most so many requests wait for a thread
     */
    public static Workers pool(int threads, int waiting) {
        if (threads < 1 || waiting < 1) {
            throw new IllegalArgumentException("a pool of " + threads + " threads, " + waiting + " waiting");
        }
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), // bounded by what is in hand
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("sluice-worker-" + number.incrementAndGet())
                        .unstarted(task));
        pool.allowCoreThreadTimeOut(true);
        return new Workers(Integer.toString(threads), pool, Math.addExact(threads, waiting));
    }

    /**
     * A virtual thread for each request, on the JDK's scheduler.
     *
     * @param atOnce at most so many run at a time
     */
    public static Workers virtual(int atOnce) {
        if (atOnce < 1) {
            throw new IllegalArgumentException(atOnce + " virtual threads at once");
        }
        return new Workers("virtual", null, atOnce);
    }

    /**
     * The connection's loop; for requests whose handlers keep blocking it, a virtual thread for each, which begins on the loop and
     * leaves it when it first waits: see {@link HandOff}.
     */
    public static Workers auto() {
        return new Workers("auto", null, VIRTUAL_AT_ONCE);
    }

    /**
     * What {@code --workers} takes: {@code none}, {@code auto}, a number of threads, or {@code virtual}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Workers parse(String text) {
        switch (text) {
            case "none":
                return none();
            case "auto":
                return auto();
            case "virtual":
                return virtual(VIRTUAL_AT_ONCE);
            default:
                if (!text.matches("[1-9][0-9]{0,3}")) {
                    throw new IllegalArgumentException(
                            "workers are 'none', 'auto', 'virtual' or a number from 1 to 9999, not '" + text + "'");
                }
                int threads = Integer.parseInt(text);
                return pool(threads, threads * WAITING_A_THREAD);
        }
    }

    /** Whether all handlers run on the connection's loop, for good. */
    public boolean inline() {
        return mostInHand == 0;
    }

    /** Whether handlers begin on the loop, and go to workers when they block: see {@link Placement}. */
    boolean automatic() {
        return name.equals("auto");
    }

    /** Runs a task on a worker; false where all are busy and no more may wait. */
    boolean submit(Runnable task) {
        return submit(Priority.NORMAL, task);
    }

    /** The same for a class: of those that wait for a thread, higher ones have more turns. */
    boolean submit(Priority priority, Runnable task) {
        if (!hasRoom()) {
            return false;
        }
        if (pool == null) {
            Thread.ofVirtual().name(NAME).start(() -> run(task));
            return true;
        }
        synchronized (tasks) {
            tasks.add(task, priority);
        }
        try {
            pool.execute(() -> run(next()));
            return true;
        } catch (RejectedExecutionException closed) {
            inHand.decrementAndGet();
            synchronized (tasks) {
                return !tasks.remove(task, priority); // an earlier turn has taken it, and another waits in its place
            }
        }
    }

    /**
     * Runs a task on a virtual thread that begins inside of a connection's domain; false where too many are busy.
     *
     * @param held is told for how many nanoseconds it held the domain up
     */
    boolean begin(Connection connection, Runnable task, LongConsumer held) {
        boolean taken = hasRoom();
        if (taken) {
            HandOff.start(connection, NAME, () -> run(task), held);
        }
        return taken;
    }

    /** Counts a further one, if there may be one. */
    private boolean hasRoom() {
        boolean room = inHand.incrementAndGet() <= mostInHand;
        if (!room) {
            inHand.decrementAndGet();
        }
        return room;
    }

    /** The next of those that wait now: there is one for each turn of the pool. */
    private Runnable next() {
        synchronized (tasks) {
            tasks.begin();
            return Objects.requireNonNull(tasks.next());
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            inHand.decrementAndGet();
        }
    }

    /** Requests that workers have. */
    private int running() {
        return inHand.get() - waiting();
    }

    private int waiting() {
        synchronized (tasks) {
            return tasks.size();
        }
    }

    @Override
    public void tell(MetricSink to) {
        to.gauge("sluice_http_workers_running", "Requests whose handlers run on workers", running());
        to.gauge("sluice_http_workers_waiting", "Requests that wait for a thread of the workers", waiting());
    }

    /** Ends the pool's threads when what they have in hand is done; takes no more. */
    @Override
    public void close() {
        if (pool != null) {
            pool.shutdown();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}

package dev.sluice.sim;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Blocking code that goes on beside a world's own thread: a thread, but one that takes turns with the world's, so that one of
 * them runs at a time and the seed decides all. It runs as an event of its world until it waits for something, and again once
 * that is true; it can't start or stop servers, which let the world go on themselves.
 */
public final class Strand {
    /** What it runs. */
    @FunctionalInterface
    public interface Body {
        void run() throws Exception;
    }

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final ThreadLocal<@Nullable Strand> CURRENT = new ThreadLocal<>();

    private final World world;
    private final Semaphore turn = new Semaphore(0);
    private final Semaphore turnOfWorld = new Semaphore(0);
    private BooleanSupplier condition = () -> true;
    private long deadline;
    private boolean ended;
    private boolean abandoned;
    private @Nullable Throwable failure;

    private Strand(World world) {
        this.world = world;
    }

    /** Starts one in the calling thread's world. */
    public static Strand start(Body body) {
        Strand strand = new Strand(Blocking.world());
        Thread.ofPlatform().daemon().name("strand").start(() -> strand.run(body));
        strand.world.in(0, strand::look);
        return strand;
    }

    static @Nullable Strand current() {
        return CURRENT.get();
    }

    World world() {
        return world;
    }

    private void run(Body body) {
        CURRENT.set(this);
        turn.acquireUninterruptibly();
        try {
            if (!abandoned) {
                body.run();
            }
        } catch (Throwable e) {
            failure = e;
        }
        ended = true;
        turnOfWorld.release();
    }

    /** On the world's thread: goes on if it can. */
    private void look() {
        if (ended) {
            return;
        }
        if (condition.getAsBoolean() || world.now() >= deadline) {
            goOn();
        }
        if (!ended) {
            world.in(LOOK_NANOS, this::look);
        }
    }

    private void goOn() {
        turn.release();
        turnOfWorld.acquireUninterruptibly();
    }

    /** On its own thread: waits; whether the condition holds then. */
    boolean await(BooleanSupplier wanted, long nanos) {
        if (!wanted.getAsBoolean()) {
            condition = wanted;
            deadline = world.now() + nanos;
            turnOfWorld.release();
            turn.acquireUninterruptibly();
        }
        if (abandoned) {
            throw new IllegalStateException("what this was beside is over");
        }
        return wanted.getAsBoolean();
    }

    /** Whether its body has returned or thrown. */
    public boolean hasEnded() {
        return ended;
    }

    /** What its body threw. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Ends it where it waits. */
    public void abandon() {
        abandoned = true;
        while (!ended) {
            goOn();
        }
    }
}

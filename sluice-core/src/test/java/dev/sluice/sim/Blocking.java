package dev.sluice.sim;

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world for code whose calls block. What the calling thread waits for is waited for by letting its world go on: on the
 * world's own thread by running it, on that of a {@link Strand} by giving the turn back.
 */
public final class Blocking {
    private static final int LINES = 100;

    private Blocking() {}

    /** Whether the calling thread has a world. */
    public static boolean inWorld() {
        return find() != null;
    }

    private static @Nullable World find() {
        Strand strand = Strand.current();
        return strand == null ? World.find() : strand.world();
    }

    /** The calling thread's world. */
    static World world() {
        World world = find();
        if (world == null) {
            throw new IllegalStateException("this thread has no world");
        }
        return world;
    }

    /** The machine of the calling thread: it has the servers and clients of a test, and what connects to them. */
    public static Host host() {
        return world().standing();
    }

    /** Waits for a condition in virtual time; whether it holds then. */
    public static boolean await(BooleanSupplier condition, long nanos) {
        Strand strand = Strand.current();
        if (strand != null) {
            return strand.await(condition, nanos);
        }
        World.current().runUntil(condition, nanos);
        return condition.getAsBoolean();
    }

    /** As {@link System#nanoTime}, in the world. */
    public static long nanoTime() {
        return world().now();
    }

    /** As {@link System#currentTimeMillis}, on the world's machine. */
    public static long currentTimeMillis() {
        return host().wallMillis();
    }

    /** What the runtime has logged of late in the calling thread's world. */
    public static List<String> logged() {
        return world().story().last(LINES).stream()
                .filter(line -> line.contains("logs: "))
                .toList();
    }

    /** How many bytes one packet carries at most. */
    public static int segmentBytes() {
        return Pipe.SEGMENT_BYTES;
    }

    /** A file of the machine becomes so long at once. */
    public static void truncate(String path, int bytes) {
        SimDisk disk = host().disk();
        disk.put(path, Arrays.copyOf(disk.content(path), bytes));
    }
}

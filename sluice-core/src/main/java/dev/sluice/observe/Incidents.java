package dev.sluice.observe;

import dev.sluice.Connection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Where the runtime reports what happens to it: counts {@link Incident}s and, in a process that records, writes Flight Recorder
 * events. Without a recorder an event costs the look at a flag. Safe for use from any thread.
 */
public final class Incidents {
    /** A handler that takes longer is a slow one: 20 ms. */
    public static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final Map<Incident, LongAdder> COUNTS = new EnumMap<>(Incident.class);

    static {
        for (Incident incident : Incident.values()) {
            COUNTS.put(incident, new LongAdder());
        }
    }

    private Incidents() {}

    private static LongAdder counter(Incident incident) {
        return Objects.requireNonNull(COUNTS.get(incident));
    }

    /** After its event: whoever waits for the count finds that. */
    private static void happened(Incident incident) {
        counter(incident).increment();
    }

    static long count(Incident incident) {
        return counter(incident).sum();
    }

    /** Whether this process uses the Flight Recorder. */
    public static boolean recording() {
        return FlightRecorder.isInitialized();
    }

    /** A connection was accepted; only where {@link #recording}, since to know the peer costs a system call. */
    public static void accepted(String acceptor, Object remote) {
        FlightEvents.Accept event = new FlightEvents.Accept();
        if (event.isEnabled()) {
            event.acceptor = acceptor;
            event.remote = remote.toString();
            event.commit();
        }
    }

    /**
     * A loop is held, or was.
     *
     * @param activity what its connection is doing, made harmless
     * @param over false when it is noticed, which counts it, and true afterwards
     */
    public static void loopBlocked(
            String loop, String remote, @Nullable String activity, long nanos, boolean over, String stack) {
        if (recording()) {
            FlightEvents.LoopBlocked event = new FlightEvents.LoopBlocked();
            event.loop = loop;
            event.remote = remote;
            event.activity = activity;
            event.blockedFor = nanos;
            event.over = over;
            event.stack = stack;
            event.commit();
        }
        if (!over) {
            happened(Incident.LOOP_BLOCKED);
        }
    }

    /** A handler took longer than {@link #SLOW_NANOS}. */
    public static void slowHandler(String requestLine, long nanos) {
        if (recording()) {
            FlightEvents.SlowHandler event = new FlightEvents.SlowHandler();
            event.request = requestLine;
            event.took = nanos;
            event.commit();
        }
        happened(Incident.SLOW_HANDLER);
    }

    /** A class of requests goes to the workers from now on, or comes back. */
    public static void handlerMoved(String requests, boolean toWorkers, long nanos) {
        if (recording()) {
            FlightEvents.HandlerMoved event = new FlightEvents.HandlerMoved();
            event.requests = requests;
            event.toWorkers = toWorkers;
            event.took = nanos;
            event.commit();
        }
        happened(toWorkers ? Incident.MOVED_TO_WORKERS : Incident.MOVED_TO_LOOP);
    }

    /** A peer did not take its output in time; from inside its connection's domain. */
    public static void writeStalled(Connection connection, String what) {
        stalled(Incident.WRITE_STALL, "write", connection, what);
    }

    /** A peer did not send in time what it had to; from inside its connection's domain. */
    public static void receiveStalled(Connection connection, String what) {
        stalled(Incident.RECEIVE_STALL, "receive", connection, what);
    }

    private static void stalled(Incident incident, String direction, Connection connection, String what) {
        if (recording()) {
            FlightEvents.Stall event = new FlightEvents.Stall();
            event.remote = connection.remoteAddress().toString();
            event.direction = direction;
            event.what = what;
            event.commit();
        }
        happened(incident);
    }

    /**
     * Somebody was turned away.
     *
     * @param what {@code newcomer} or {@code request}
     */
    public static void shed(String what, String why) {
        if (recording()) {
            FlightEvents.Shed event = new FlightEvents.Shed();
            event.what = what;
            event.why = why;
            event.commit();
        }
        happened(Incident.SHED);
    }

    /** A ring ran out of buffers, the so-manieth time on its loop. */
    public static void buffersExhausted(long count) {
        if (recording()) {
            FlightEvents.BuffersExhausted event = new FlightEvents.BuffersExhausted();
            event.count = count;
            event.commit();
        }
        happened(Incident.BUFFERS_EXHAUSTED);
    }

    /** A model runs with less than it could. */
    public static void fellBack(String model, String why) {
        if (recording()) {
            FlightEvents.FallBack event = new FlightEvents.FallBack();
            event.model = model;
            event.why = why;
            event.commit();
        }
        happened(Incident.FALL_BACK);
    }
}

package dev.sluice.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** The runtime's events for the Flight Recorder. A class is loaded with the first of its events, in a process that records. */
final class FlightEvents {
    private FlightEvents() {}

    @Name("dev.sluice.Accept")
    @Label("Accept")
    @Category("Sluice")
    @Description("A connection was accepted")
    @StackTrace(false)
    static final class Accept extends Event {
        @Label("Acceptor")
        String acceptor = "";

        @Label("Peer")
        String remote = "";
    }

    @Name("dev.sluice.LoopBlocked")
    @Label("Loop Blocked")
    @Category("Sluice")
    @Description("A handler, callback or task held its loop; told when it is noticed, and again when it is over")
    @StackTrace(false)
    static final class LoopBlocked extends Event {
        @Label("Loop")
        String loop = "";

        @Label("Peer")
        String remote = "";

        @Label("Activity")
        @Description("For HTTP the request line")
        @Nullable
        String activity;

        @Label("Blocked For")
        @Timespan(Timespan.NANOSECONDS)
        long blockedFor;

        @Label("Over")
        boolean over;

        @Label("Stack of the Loop")
        String stack = "";
    }

    @Name("dev.sluice.SlowHandler")
    @Label("Slow Handler")
    @Category("Sluice")
    @StackTrace(false)
    static final class SlowHandler extends Event {
        @Label("Request Line")
        String request = "";

        @Label("Took")
        @Timespan(Timespan.NANOSECONDS)
        long took;
    }

    @Name("dev.sluice.HandlerMoved")
    @Label("Handler Moved")
    @Category("Sluice")
    @Description("--workers auto moved a class of requests off the loop, or back")
    @StackTrace(false)
    static final class HandlerMoved extends Event {
        @Label("Class of Requests")
        String requests = "";

        @Label("To Workers")
        boolean toWorkers;

        @Label("Took")
        @Timespan(Timespan.NANOSECONDS)
        long took;
    }

    @Name("dev.sluice.Stall")
    @Label("Stall")
    @Category("Sluice")
    @Description("A peer neither took its output nor sent what it had to, and its connection was closed")
    @StackTrace(false)
    static final class Stall extends Event {
        @Label("Peer")
        String remote = "";

        @Label("Direction")
        @Description("write or receive")
        String direction = "";

        @Label("What")
        String what = "";
    }

    @Name("dev.sluice.Shed")
    @Label("Shed")
    @Category("Sluice")
    @Description("A newcomer or a request was turned away")
    @StackTrace(false)
    static final class Shed extends Event {
        @Label("What")
        @Description("newcomer or request")
        String what = "";

        @Label("Why")
        String why = "";
    }

    @Name("dev.sluice.BuffersExhausted")
    @Label("Buffers Exhausted")
    @Category("Sluice")
    @Description("A ring ran out of provided buffers")
    @StackTrace(false)
    static final class BuffersExhausted extends Event {
        @Label("Exhaustions of this Ring's Loop")
        long count;
    }

    @Name("dev.sluice.FallBack")
    @Label("Fall-Back")
    @Category("Sluice")
    @Description("A model runs with less than it could")
    @StackTrace(false)
    static final class FallBack extends Event {
        @Label("Model")
        String model = "";

        @Label("Why")
        String why = "";
    }
}

package dev.sluice.threading;

import dev.sluice.Service;
import dev.sluice.engine.Handle;
import dev.sluice.observe.Incidents;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One virtual thread for each connection: its callbacks may block, and the loop that waits for its input is also the scheduler
 * that runs it. What a thread of it waits for (a lock, a sleep, another connection of the same loop) holds up no other.
 */
public final class VirtualThreads implements Loops.Opening {
    private final boolean onLoop;

    /**
     * How connections of {@code virtual} are opened.
     *
     * @param onLoop false takes the JDK's scheduler even where loops could schedule
     */
    public VirtualThreads(boolean onLoop) {
        this.onLoop = onLoop && isLoopScheduled();
        if (onLoop && !this.onLoop) {
            Incidents.fellBack("virtual", "the JDK schedules its threads: java.base/java.lang is not opened");
        }
    }

    /** Whether loops can schedule virtual threads in this JVM; otherwise the JDK's scheduler does. */
    public static boolean isLoopScheduled() {
        return LoopScheduler.isOpen();
    }

    /**
     * Makes virtual threads that an executor runs: what it is given it runs once, on a platform thread, until the virtual
     * thread next waits. Only where {@link #isLoopScheduled}; otherwise they are the JDK's own.
     */
    public static Thread.Builder.OfVirtual scheduledBy(Executor executor) {
        return LoopScheduler.builder(executor);
    }

    /** What the JDK runs virtual threads by, for those that are to leave another scheduler; null where the JVM does not give it. */
    public static @Nullable Executor jdkScheduler() {
        return LoopScheduler.jdkScheduler();
    }

    @Override
    public void open(Loop loop, Handle peer, Service service) {
        Mailbox mailbox = mailbox(loop);
        SocketConnection connection = new SocketConnection(mailbox, peer);
        mailbox.start(() -> connection.openAccepted(service));
    }

    @Override
    public void dial(Loop loop, SocketAddress remote, Service service) {
        Mailbox mailbox = mailbox(loop);
        mailbox.start(Dialled.connect(mailbox, loop.engine(), remote, service));
    }

    private Mailbox mailbox(Loop loop) {
        return onLoop
                ? new Mailbox(loop, true, loop.virtualThreads(), loop.engine(), loop.pool())
                : new Mailbox(loop, false, Thread.ofVirtual(), new RemoteEngine(loop), loop.sharedPool());
    }
}

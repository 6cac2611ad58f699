package dev.sluice.sim;

import dev.sluice.Availability;
import dev.sluice.Service;
import dev.sluice.engine.Handle;
import dev.sluice.threading.Loop;
import dev.sluice.threading.Loops;
import dev.sluice.threading.Setup;
import dev.sluice.threading.SocketConnection;
import dev.sluice.threading.Threading;
import java.net.SocketAddress;
import java.time.Duration;

/** The threading of the model {@code sim}: {@link Loops} on a host of the world that is the calling thread's. */
public final class SimThreading implements Threading {
    /** Whether the calling thread has a world. */
    public static Availability availability() {
        return World.find() == null
                ? Availability.no(
                        "it runs only in a world, and this thread has none",
                        "use 'sluice sim', or a test with @Simulated (docs/simulation.md)")
                : Availability.yes("the world of seed " + World.current().seed());
    }

    @Override
    public Running start(Setup setup) {
        World world = World.current();
        Host host = world.hostFor(setup.address());
        Loops loops = loops(host);
        Host before = world.standOn(host);
        try {
            Running running = loops.start(setup);
            host.onStop(() -> running.stop(Duration.ZERO));
            return running;
        } finally {
            world.standOn(before);
        }
    }

    @Override
    public Dialling dialling(Setup setup) {
        World world = World.current();
        Host host = world.standing();
        Dialling dialling = loops(host).dialling(setup);
        host.onStop(dialling::stop);
        return dialling;
    }

    private static Loops loops(Host host) {
        return new Loops(host::makeEngine, new Watched(host), host.environment());
    }

    /** Opens connections whose sessions are watched. */
    private record Watched(Host host) implements Loops.Opening {
        @Override
        public void open(Loop loop, Handle peer, Service service) {
            new SocketConnection(loop, peer).openAccepted(host.world.checks().watch(service, host, loop));
        }

        @Override
        public void dial(Loop loop, SocketAddress remote, Service service) {
            loop.dial(remote, host.world.checks().watch(service, host, loop));
        }
    }
}

package dev.sluice.sim.scenes;

import dev.sluice.Server;
import dev.sluice.sim.Host;
import dev.sluice.sim.HostCrash;
import dev.sluice.sim.World;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server that its host starts, and starts anew when it is up again after a crash. */
final class CrashingServer {
    private final Host host;
    private final int port;
    private final Supplier<Server.Builder> made;
    private @Nullable Server server;
    private int starts;

    /**
     * Starts it.
     *
     * @param made is asked at each start, since nothing of a process outlives a crash
     */
    CrashingServer(World world, int port, Supplier<Server.Builder> made) {
        this.host = world.host("server");
        this.port = port;
        this.made = made;
        host.start(this::boot);
    }

    private void boot() {
        starts++;
        server = null; // the one of before is gone, whatever becomes of this start
        server = host.serve(made.get(), port);
    }

    InetSocketAddress address() {
        return host.address(port);
    }

    boolean hasRestarted() {
        return starts > 1;
    }

    /** Stops it, where its host is not down. */
    void stop(Duration grace) {
        Server running = server;
        if (host.isUp() && running != null) {
            try {
                running.stop(grace);
            } catch (HostCrash e) {
                server = null; // it crashed while it stopped: nothing is left that could
            }
        }
    }
}

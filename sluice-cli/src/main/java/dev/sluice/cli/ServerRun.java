package dev.sluice.cli;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.UnavailableException;
import dev.sluice.admin.Admin;
import dev.sluice.observe.MetricSource;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A server's life as the command line shows it: start, the line that says so, a signal, the drain, the end. */
final class ServerRun {
    /** What else there is to do at the turns of a server's life. */
    interface Turns {
        Turns NONE = new Turns() {};

        /** It listens. */
        default void started(Server server) {}

        /** It is about to stop. */
        default void stopping(PrintWriter err) throws InterruptedException {}
    }

    private final CommandLine line;
    private final Server.Builder builder;
    private final ServerOptions asked;
    private final ModelNames.Choice choice;
    private final String scheme;
    private String more = "";
    private MetricSource[] counting = {};
    private CountDownLatch stop = new CountDownLatch(1);
    private Turns turns = Turns.NONE;

    /**
     * @param builder complete but for address, model and options
     * @param scheme of the URL that is printed
     */
    ServerRun(CommandLine line, Server.Builder builder, ServerOptions asked, ModelNames.Choice choice, String scheme) {
        this.line = line;
        this.builder = builder;
        this.asked = asked;
        this.choice = choice;
        this.scheme = scheme;
    }

    /** What else the line that says it listens is to say. */
    ServerRun saying(String what) {
        more = ", " + what;
        return this;
    }

    /** What counts besides the server. */
    ServerRun counting(MetricSource... sources) {
        counting = sources;
        return this;
    }

    /** A service that can end its server counts this down: it is as a signal. */
    ServerRun endedBy(CountDownLatch latch) {
        stop = latch;
        return this;
    }

    ServerRun with(Turns what) {
        turns = what;
        return this;
    }

    /**
     * Runs the server until SIGTERM or Ctrl-C.
     *
     * @return the process's exit status
     */
    int untilSignalled() throws InterruptedException {
        PrintWriter err = line.getErr();
        if (!choice.why().isEmpty()) {
            err.println("model " + choice.model().name() + ": " + choice.why());
        }
        asked.preflight(choice.model(), err);
        asked.inherit(builder);
        try (Admin admin = startAdmin(asked.admin());
                Server server = start(builder)) {
            turns.started(server);
            // Only now, while the loops take their first connections: each takes some milliseconds.
            Jars.open();
            Signals.onStop(stop::countDown);
            tell(server, admin);
            Server.calmCompilers();
            stop.await();
            if (admin != null) {
                admin.draining();
            }
            err.println("stopping: what is in flight has " + seconds(asked.drain()) + "; a second signal ends at once");
            err.flush();
            turns.stopping(err);
            long cut = server.stop(asked.drain());
            err.println("stopped: " + summary(server.stats(), cut));
        }
        return CommandLine.ExitCode.OK;
    }

    private void tell(Server server, @Nullable Admin admin) {
        PrintWriter out = line.getOut();
        out.println("listening on " + scheme + "://" + asked.authority(server.port()) + " ("
                + choice.model().name() + ", " + parts(server.options()) + more + ")");
        if (asked.tellsFeatures()) {
            out.println("active: " + server.features());
        }
        if (admin != null) {
            admin.ready(server, counting);
            out.println("admin on " + place(admin.address()));
        }
        out.flush();
        if (asked.control()) {
            ControlStream.listen(System.in, out, server, stop::countDown);
        }
    }

    private static @Nullable Admin startAdmin(@Nullable SocketAddress address) {
        try {
            return address == null ? null : Admin.start(address);
        } catch (RuntimeException e) {
            throw new Failures.StartException("can't start the admin listener (--admin): " + e.getMessage(), e);
        }
    }

    private static String place(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? "http://" + authority(inet.getAddress().getHostAddress()) + ":" + inet.getPort()
                : "unix:" + address;
    }

    private static String authority(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    private static Server start(Server.Builder builder) {
        try {
            return builder.start();
        } catch (UnavailableException | IllegalArgumentException | NullPointerException | ClassCastException e) {
            throw e;
        } catch (UncheckedIOException e) {
            throw new Failures.StartException("can't start: " + e.getCause(), e);
        } catch (RuntimeException e) {
            throw new Failures.StartException("can't start: " + e.getMessage(), e);
        }
    }

    private static String parts(Options options) {
        String loops = options.loops() + (options.loops() == 1 ? " loop" : " loops");
        return options.processes() == 1 ? loops : options.processes() + " processes of " + loops;
    }

    private static String seconds(Duration drain) {
        return String.format(Locale.ROOT, "%.3g s", drain.toNanos() / 1e9);
    }

    private static String summary(ServerStats stats, long cut) {
        String text = stats.accepted() + (stats.accepted() == 1 ? " connection" : " connections") + " accepted, " + cut
                + " cut";
        text += stats.moved() == 0 ? "" : ", " + stats.moved() + " moved to another loop";
        return stats.failures() == 0 ? text : text + ", " + stats.failures() + " failed in their session";
    }
}

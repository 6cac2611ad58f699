package dev.sluice.cli;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.UnavailableException;
import dev.sluice.admin.Admin;
import dev.sluice.http.HttpMetrics;
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
    private ServerRun() {}

    /** What else there is to do at the turns of a server's life. */
    interface Turns {
        Turns NONE = new Turns() {};

        /** It listens. */
        default void started(Server server) {}

        /** It is about to stop. */
        default void stopping(PrintWriter err) throws InterruptedException {}
    }

    /**
     * Runs a server until SIGTERM or Ctrl-C.
     *
     * @param builder complete but for address, model and options
     * @param scheme of the URL that is printed
     * @param http what the service counts, or null where it counts nothing here
     * @return the process's exit status
     */
    static int untilSignalled(
            CommandLine line,
            Server.Builder builder,
            ServerOptions asked,
            ModelNames.Choice choice,
            String scheme,
            @Nullable HttpMetrics http)
            throws InterruptedException {
        return untilSignalled(line, builder, asked, choice, scheme, http, new CountDownLatch(1), Turns.NONE);
    }

    /**
     * The same, for a service that can end its server.
     *
     * @param stop counted down, it is as a signal
     */
    static int untilSignalled(
            CommandLine line,
            Server.Builder builder,
            ServerOptions asked,
            ModelNames.Choice choice,
            String scheme,
            @Nullable HttpMetrics http,
            CountDownLatch stop,
            Turns turns)
            throws InterruptedException {
        PrintWriter out = line.getOut();
        PrintWriter err = line.getErr();
        if (!choice.why().isEmpty()) {
            err.println("model " + choice.model().name() + ": " + choice.why());
        }
        asked.preflight(choice.model(), err);
        try (Admin admin = startAdmin(asked.admin());
                Server server = start(builder)) {
            turns.started(server);
            // Only now, while the loops take their first connections: it takes three milliseconds.
            Signals.onStop(stop::countDown);
            out.println("listening on " + scheme + "://" + asked.authority(server.port()) + " ("
                    + choice.model().name() + ", " + parts(server.options()) + ")");
            if (asked.tellsFeatures()) {
                out.println("active: " + server.features());
            }
            if (admin != null) {
                admin.ready(server, http);
                out.println("admin on " + place(admin.address()));
            }
            out.flush();
            if (asked.control()) {
                ControlStream.listen(System.in, out, server, stop::countDown);
            }
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

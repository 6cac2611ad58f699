package dev.sluice.admin;

import dev.sluice.Server;
import dev.sluice.http.Response;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The connections of a server, a line each: those that do something first, then those that hold most bytes. */
final class ConnectionDump {
    private ConnectionDump() {}

    static Response response(Server server, Query query) {
        ConnectionCensus census;
        try {
            census = server.connections(
                    report -> query.filter().isEmpty() || report.mentions(query.filter()), query.limit());
        } catch (UnsupportedOperationException e) {
            throw new Query.Refused(501, "no dump of connections on this model: " + e.getMessage() + "\n");
        }
        StringBuilder text = new StringBuilder();
        text.append(census.open())
                .append(" connections are open on model ")
                .append(server.model().name());
        text.append(", ").append(census.connections().size()).append(" below");
        text.append(query.filter().isEmpty() ? "" : " (those with that text)").append(", at most ");
        text.append(query.limit()).append(".\n");
        for (String silent : census.silent()) {
            text.append(silent)
                    .append(" does not answer: something holds it. /dump/threads?filter=")
                    .append(silent)
                    .append(" shows where\n");
        }
        List<ConnectionReport> sorted = census.connections().stream()
                .sorted(Comparator.comparing(
                                (ConnectionReport c) -> c.activity().isEmpty())
                        .thenComparingLong(c -> -(c.queuedBytes() + c.keptBytes()))
                        .thenComparing(ConnectionReport::owner))
                .toList();
        text.append('\n').append(line("LOOP", "PEER", "STATE", "AGE min", "IDLE ms", "QUEUED B", "UNREAD B", "DOES"));
        for (ConnectionReport c : sorted) {
            text.append(line(
                    c.owner(),
                    c.remote(),
                    c.state(),
                    Long.toString(c.ageMinutes()),
                    Long.toString(c.idleMillis()),
                    Long.toString(c.queuedBytes()),
                    Long.toString(c.keptBytes()),
                    c.activity()));
        }
        return Response.text(text.toString());
    }

    private static String line(Object... columns) {
        return String.format(Locale.ROOT, "%-22s %-24s %-22s %8s %10s %10s %10s  %s%n", columns);
    }
}

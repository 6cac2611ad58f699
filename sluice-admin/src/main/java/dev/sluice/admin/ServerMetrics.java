package dev.sluice.admin;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.observe.Incident;
import dev.sluice.observe.LoopReport;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.lang.management.ManagementFactory;

/**
 * What a server's runtime counts, read when it is asked for: it counts in plain fields of its loops, and knows nothing of this. Of
 * several processes the master's sums over them; what only they know of themselves is left out. docs/operations.md tells what each
 * means.
 */
final class ServerMetrics implements MetricSource {
    private static final double NANOS = 1e9;

    private final Server server;

    ServerMetrics(Server server) {
        this.server = server;
    }

    @Override
    public void tell(MetricSink to) {
        ServerStats stats = server.stats();
        connections(stats, to);
        bytes(stats, to);
        for (LoopReport loop : server.loops()) {
            loop(loop, to);
        }
        for (Incident incident : Incident.values()) {
            to.counter(
                    "sluice_incidents",
                    "Things that should not happen often, in this process",
                    incident.count(),
                    "kind",
                    incident.label());
        }
    }

    private static void connections(ServerStats stats, MetricSink to) {
        to.counter("sluice_connections_accepted", "Connections accepted", stats.accepted());
        to.counter("sluice_connections_closed", "Connections closed", stats.closed());
        to.gauge("sluice_connections_open", "Connections open now", stats.open());
        to.counter("sluice_connections_moved", "Moves of a connection to another loop", stats.moved());
        to.counter("sluice_connections_refused", "Newcomers that the model can't hold", stats.refused());
        to.counter("sluice_connections_shed", "Newcomers closed for want of descriptors", stats.shed());
        to.counter("sluice_accept_pauses", "Times that accepting paused for want of descriptors", stats.acceptPauses());
        to.counter("sluice_session_failures", "Sessions that threw", stats.failures());
    }

    private void bytes(ServerStats stats, MetricSink to) {
        to.counter("sluice_received_bytes", "Bytes received", stats.receivedBytes());
        to.counter("sluice_sent_bytes", "Bytes sent", stats.sentBytes());
        to.gauge("sluice_buffers_lent", "Chunks that hold output or unread input now", stats.lentBuffers());
        to.gauge(
                "sluice_buffers_lent_bytes",
                "The memory of these chunks",
                stats.lentBuffers() * ServerStats.BUFFER_BYTES);
        to.counter("sluice_buffer_exhaustions", "Times that a ring ran out of buffers", stats.bufferExhaustions());
        to.counter(
                "sluice_completion_overflows",
                "Times that a completion queue overflowed and was recovered",
                stats.completionOverflows());
        to.gauge("sluice_runtime_threads", "Threads of the runtime", stats.loopThreads());
        if (server.model().can(Ability.COUNTED_CALLS)) {
            to.counter("sluice_system_calls", "System calls of the engines", stats.systemCalls());
        }
    }

    private void loop(LoopReport loop, MetricSink to) {
        String[] which = {"loop", loop.name()};
        to.counter(
                "sluice_loop_cpu_seconds",
                "Processor time of a loop's thread; its rate is the loop's utilization",
                Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(loop.threadId())) / NANOS,
                which);
        to.gauge(
                "sluice_loop_lag_seconds",
                "How long a task waited for its turn when this was asked; of a loop that is held, at least so long",
                loop.lagNanos() / NANOS,
                which);
        to.gauge(
                "sluice_loop_answers", "Whether the loop answered when this was asked", loop.answered() ? 1 : 0, which);
        to.counter("sluice_loop_blocked", "Times that the watchdog found the loop held", loop.blocked(), which);
        to.counter("sluice_loop_blocked_seconds", "For how long it was held then", loop.blockedNanos() / NANOS, which);
        to.counter("sluice_loop_waits", "Waits for events", loop.waits(), which);
        to.counter("sluice_loop_ready_events", "Events that the waits brought", loop.readyEvents(), which);
        if (server.model().can(Ability.COUNTED_CALLS)) {
            to.counter("sluice_loop_system_calls", "System calls of the loop's engine", loop.systemCalls(), which);
        }
        to.counter("sluice_loop_received_bytes", "Bytes that the loop received", loop.receivedBytes(), which);
        to.counter("sluice_loop_sent_bytes", "Bytes that the loop sent", loop.sentBytes(), which);
        to.gauge("sluice_loop_connections", "Connections of the loop", loop.open(), which);
        to.gauge("sluice_loop_timers", "Timers of the loop", loop.timers(), which);
        to.gauge("sluice_loop_waiting_tasks", "Tasks that wait for the loop", loop.waitingTasks(), which);
        to.gauge(
                "sluice_loop_waiting_turns",
                "Connections that wait for a turn of the loop",
                loop.waitingTurns(),
                which);
        to.gauge("sluice_loop_buffers_lent", "Chunks that are out of the loop's pools", loop.lentBuffers(), which);
    }
}

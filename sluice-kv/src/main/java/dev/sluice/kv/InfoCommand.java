package dev.sluice.kv;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** INFO: what goes on, by section. */
final class InfoCommand {
    private static final List<String> SECTIONS =
            List.of("server", "clients", "memory", "persistence", "stats", "replication", "keyspace");

    private InfoCommand() {}

    static void run(Call call) {
        Set<String> wanted = new LinkedHashSet<>();
        for (int i = 1; i < call.arguments().count(); i++) {
            String name = call.arguments().text(i).toLowerCase(Locale.ROOT);
            switch (name) {
                case "all", "default", "everything" -> wanted.addAll(SECTIONS);
                default -> wanted.add(name);
            }
        }
        StringBuilder text = new StringBuilder();
        for (String section : SECTIONS) {
            if (wanted.isEmpty() || wanted.contains(section)) {
                text.append(text.isEmpty() ? "" : "\r\n");
                section(call, section, text);
            }
        }
        call.replies.verbatim(text.toString());
    }

    private static void section(Call call, String name, StringBuilder to) {
        to.append("# ")
                .append(name.substring(0, 1).toUpperCase(Locale.ROOT))
                .append(name.substring(1))
                .append("\r\n");
        Store store = call.store;
        switch (name) {
            case "server" -> server(store, to);
            case "clients" -> clients(store, to);
            case "memory" -> memory(store, to);
            case "persistence" -> persistence(store, to);
            case "stats" -> stats(store, to);
            case "replication" -> {
                line(to, "role", "master");
                line(to, "connected_slaves", 0);
            }
            default -> keyspace(store, to);
        }
    }

    private static void server(Store store, StringBuilder to) {
        line(to, "redis_version", ConnectionCommands.VERSION);
        line(to, "redis_mode", "standalone");
        line(to, "server_name", "sluice");
        line(to, "os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        line(to, "arch_bits", 64);
        line(to, "java_version", Runtime.version().toString());
        line(to, "process_id", ProcessHandle.current().pid());
        line(to, "uptime_in_seconds", (store.now() - store.bornMillis()) / 1000);
        line(to, "uptime_in_days", (store.now() - store.bornMillis()) / 86_400_000);
    }

    private static void clients(Store store, StringBuilder to) {
        line(to, "connected_clients", store.clients().size());
        line(to, "maxclients", store.options().clientsMost());
        line(to, "blocked_clients", 0);
        line(to, "unfinished_request_bytes", store.unfinishedBytes());
    }

    private static void memory(Store store, StringBuilder to) {
        Runtime runtime = Runtime.getRuntime();
        line(to, "used_memory", store.usage.bytes());
        line(to, "used_memory_peak", store.usage.peak());
        line(to, "java_heap_used", runtime.totalMemory() - runtime.freeMemory());
        line(to, "maxmemory", store.settings().maxMemory());
        line(to, "maxmemory_policy", "noeviction");
    }

    private static void persistence(Store store, StringBuilder to) {
        Snapshots snapshots = store.snapshots();
        line(to, "loading", 0);
        line(to, "rdb_changes_since_last_save", store.statistics.changes);
        line(to, "rdb_bgsave_in_progress", snapshots != null && snapshots.isRunning() ? 1 : 0);
        line(to, "rdb_last_save_time", (snapshots == null ? store.bornMillis() : snapshots.lastSuccessMillis()) / 1000);
        line(to, "rdb_last_bgsave_status", snapshots == null || snapshots.lastFailure() == null ? "ok" : "err");
        line(to, "aof_enabled", store.journal() == null ? 0 : 1);
        String refusal = store.refusal();
        line(to, "aof_last_write_status", refusal == null ? "ok" : "err");
        if (refusal != null) {
            line(to, "writes_refused", refusal);
        }
    }

    private static void stats(Store store, StringBuilder to) {
        Statistics counted = store.statistics;
        line(to, "total_connections_received", counted.connections);
        line(to, "total_commands_processed", counted.commands);
        line(to, "total_net_input_bytes", counted.receivedBytes);
        line(to, "total_net_output_bytes", counted.sentBytes);
        line(to, "rejected_connections", counted.refusedConnections);
        line(to, "expired_keys", counted.expired);
        line(to, "evicted_keys", 0);
        line(to, "keyspace_hits", counted.hits);
        line(to, "keyspace_misses", counted.misses);
        line(to, "pubsub_channels", store.pubSub.channels().size());
        line(to, "pubsub_patterns", store.pubSub.patterns());
        line(to, "total_error_replies", counted.errors);
    }

    private static void keyspace(Store store, StringBuilder to) {
        for (int i = 0; i < store.databaseCount(); i++) {
            Database database = store.database(i);
            if (database.keys().size() > 0) {
                line(
                        to,
                        "db" + i,
                        "keys=" + database.keys().size() + ",expires="
                                + database.deadlines().size() + ",avg_ttl=0");
            }
        }
    }

    private static void line(StringBuilder to, String name, Object value) {
        to.append(name).append(':').append(value).append("\r\n");
    }
}

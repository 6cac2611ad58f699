package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Contender.Capacity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Servers of others, beside ours. */
final class References {
    private static final Pattern COMMAND = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._ -]*)=(.+)", Pattern.DOTALL);

    /**
     * Runs a command until it ends or standard input does, so that it never outlives the comparison, however that ends.
     * Its session, where setsid(1) is there, is ended as a whole.
     */
    private static final String GUARD = """
            exec 3<&0
            if command -v setsid >/dev/null; then setsid "$@" 3<&- </dev/null & else "$@" 3<&- </dev/null & fi
            server=$!
            { read -r _ <&3; kill -TERM "-$server" 2>/dev/null || kill -TERM "$server"; } &
            guard=$!
            wait "$server"
            status=$?
            kill "$guard" 2>/dev/null
            exit "$status"
            """;

    private References() {}

    /**
     * What {@code --also} names.
     *
     * @param text {@code nginx}, or {@code NAME=COMMAND {port}}
     * @param sites where the files are made, where the workload has any
     * @throws IllegalArgumentException where it is neither
     */
    static Contender of(String text, Workload workload, Path sites) {
        if (text.equals("nginx")) {
            return nginx(workload, sites);
        }
        Matcher matcher = COMMAND.matcher(text);
        if (!matcher.matches() || !text.contains("{port}")) {
            throw new IllegalArgumentException("--also is '" + text
                    + "', must be nginx, or NAME=COMMAND with {port} where the port belongs, as in"
                    + " 'mine=./server --port {port}'");
        }
        String command = matcher.group(2);
        return reference(
                matcher.group(1),
                command,
                (port, _, _) -> guarded(List.of("sh", "-c", command.replace("{port}", Integer.toString(port)))));
    }

    private static Contender nginx(Workload workload, Path sites) {
        Path nginx = Programs.find("nginx")
                .orElseThrow(() -> new IllegalArgumentException("--also nginx: there is no nginx on the PATH or in"
                        + " /usr/sbin; install it (Debian: apt-get install nginx), or leave it out"));
        String text = workload.setting("serve.respond");
        List<String> foreign = workload.serverSettings().stream()
                .filter(key -> !key.equals("serve.respond"))
                .map(key -> key.replace("serve.", "--"))
                .toList();
        String skipped = "";
        if (!foreign.isEmpty()) {
            skipped = "it has no counterpart to " + String.join(" and ", foreign);
        } else if (text != null && text.contains("$")) {
            skipped = "its 'return' can't say a $";
        } else if (text == null && workload.siteFiles() == 0) {
            skipped = "the workload has neither a text nor files for it to serve";
        }
        Contender contender = reference(
                "nginx",
                "nginx -c nginx.conf",
                (port, point, folder) -> guarded(List.of(
                        nginx.toString(),
                        "-p",
                        folder.toString(),
                        "-e",
                        folder.resolve("error.log").toString(),
                        "-c",
                        Files.writeString(folder.resolve("nginx.conf"), configuration(port, point, folder, text, sites))
                                .toString())));
        return skipped.isEmpty() ? contender : skipped(contender, skipped);
    }

    private static Contender reference(String name, String line, Contender.Launch launch) {
        return new Contender(name, Contender.REFERENCE, line, "", Capacity.UNBOUNDED, false, false, launch);
    }

    private static Contender skipped(Contender contender, String why) {
        return new Contender(
                contender.name(),
                contender.family(),
                contender.line(),
                why,
                contender.capacity(),
                contender.sluice(),
                contender.oneProcess(),
                contender.launch());
    }

    private static List<String> guarded(List<String> command) {
        List<String> whole = new ArrayList<>(List.of("sh", "-c", GUARD, "sluice-guard"));
        whole.addAll(command);
        return whole;
    }

    /** One worker, as each model has one loop; nothing is logged, no connection is given up. */
    private static String configuration(int port, Workload point, Path folder, @Nullable String text, Path sites)
            throws IOException {
        // A master that is root makes its workers "nobody", who may not read a folder of root's own.
        String user = "root".equals(System.getProperty("user.name")) ? "user root;\n" : "";
        String answer = text == null
                ? "root " + quoted(Folders.site(sites, point).toString()) + "; sendfile on;"
                : "default_type text/plain; return 200 " + quoted(text) + ";";
        StringBuilder scratch = new StringBuilder();
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            scratch.append(kind)
                    .append("_temp_path ")
                    .append(quoted(folder.resolve(kind).toString()))
                    .append(";\n");
        }
        return user
                + """
                daemon off;
                worker_processes 1;
                pid %s;
                worker_rlimit_nofile %d;
                events { worker_connections %d; }
                http {
                access_log off;
                tcp_nodelay on;
                keepalive_timeout 3600s;
                keepalive_requests 1000000000;
                client_header_timeout 3600s;
                send_timeout 3600s;
                %sserver {
                listen 127.0.0.1:%d backlog=4096;
                location / { %s }
                }
                }
                """.formatted(
                                quoted(folder.resolve("nginx.pid").toString()),
                                point.held() + 256,
                                point.held() + 128,
                                scratch,
                                port,
                                answer);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}

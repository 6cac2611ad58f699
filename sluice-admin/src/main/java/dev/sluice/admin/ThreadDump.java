package dev.sluice.admin;

import dev.sluice.http.Response;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The process's platform threads, the runtime's first: what each does, and where. */
final class ThreadDump {
    private static final int FRAMES = 40;

    private ThreadDump() {}

    static Response response(Query query) {
        Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
        String wanted = query.filter().toLowerCase(Locale.ROOT);
        List<String> found = all.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Thread, StackTraceElement[]> e) ->
                                !e.getKey().getName().startsWith("sluice"))
                        .thenComparing(e -> e.getKey().getName()))
                .map(entry -> entry(entry.getKey(), entry.getValue()))
                .filter(text -> text.toLowerCase(Locale.ROOT).contains(wanted))
                .toList();
        StringBuilder text = new StringBuilder();
        text.append(all.size()).append(" platform threads, ").append(found.size());
        text.append(wanted.isEmpty() ? " of them" : " of them with that text").append(" below");
        if (found.size() > query.limit()) {
            text.append(" as far as the limit of ").append(query.limit()).append(" goes");
        }
        text.append(". Virtual threads: jcmd PID Thread.dump_to_file FILE\n");
        found.stream().limit(query.limit()).forEach(text::append);
        return Response.text(text.toString());
    }

    private static String entry(Thread thread, StackTraceElement[] stack) {
        StringBuilder text = new StringBuilder("\n\"").append(thread.getName()).append("\" ");
        text.append(thread.getState())
                .append(thread.isDaemon() ? ", daemon" : "")
                .append('\n');
        for (int i = 0; i < Math.min(stack.length, FRAMES); i++) {
            text.append("    at ").append(stack[i]).append('\n');
        }
        if (stack.length > FRAMES) {
            text.append("    … ").append(stack.length - FRAMES).append(" more\n");
        }
        return text.toString();
    }
}

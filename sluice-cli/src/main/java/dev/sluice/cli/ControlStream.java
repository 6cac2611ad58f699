package dev.sluice.cli;

import dev.sluice.Server;
import dev.sluice.lab.compare.Counters;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * A server's standard input as a program uses it that started it: each line is answered with a line of counters, and the
 * server ends with the stream, so that it never outlives that program.
 */
final class ControlStream {
    private ControlStream() {}

    /**
     * Begins to listen, on a thread of its own.
     *
     * @param ended told once, when the stream has ended
     */
    static void listen(InputStream in, PrintWriter out, Server server, Runnable ended) {
        Thread.ofPlatform().daemon().name("sluice-control").start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                while (lines.readLine() != null) {
                    out.println(Counters.of(server).toJson());
                    out.flush();
                }
            } catch (IOException e) {
                // A stream that can't be read has ended, whatever the reason; the server ends as it would.
            } finally {
                ended.run();
            }
        });
    }
}

package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line as a user's process; ended, if it has not, on close. */
final class SluiceProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile(
            "listening on [a-z]+://(\\S+):(\\d+) \\((\\S+), (?:\\d+ processes of )?(\\d+) loops?(?:, files by \\S+)?\\)");

    private final Process process;
    private final BufferedReader out;
    private final Path err;
    private int port;

    private SluiceProcess(Process process, Path err) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.err = err;
    }

    /** Starts a command with this JVM's class path, as the launcher does. */
    static SluiceProcess start(String... arguments) throws IOException {
        return start(List.of(), ProcessBuilder.Redirect.PIPE, arguments);
    }

    /**
     * As {@link #start(String...)}, otherwise.
     *
     * @param by the command that starts it, as for limits
     * @param output where standard output goes
     */
    static SluiceProcess start(List<String> by, ProcessBuilder.Redirect output, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        return start(command, output, List.of(arguments));
    }

    /** Starts a command by {@code ./sluice} itself, as it was built; {@code by} as above. */
    static SluiceProcess launch(List<String> by, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(by);
        command.add(Path.of("").toAbsolutePath().resolveSibling("sluice").toString());
        return start(command, ProcessBuilder.Redirect.PIPE, List.of(arguments));
    }

    private static SluiceProcess start(List<String> command, ProcessBuilder.Redirect output, List<String> arguments)
            throws IOException {
        command.addAll(arguments);
        Path err = Files.createTempFile("sluice", ".err");
        return new SluiceProcess(
                new ProcessBuilder(command)
                        .redirectOutput(output)
                        .redirectError(err.toFile())
                        .start(),
                err);
    }

    /** Waits for the line that says where it listens. */
    Matcher listening() throws IOException {
        String line = out.readLine();
        Matcher matcher = LISTENING.matcher(line == null ? "" : line);
        if (!matcher.matches()) {
            throw new AssertionError("it printed '" + line + "' and: " + errors());
        }
        return matcher;
    }

    /** The port that it listens on, once it does. */
    int port() throws IOException {
        if (port == 0) {
            port = Integer.parseInt(listening().group(2));
        }
        return port;
    }

    /** The next line of standard output. */
    String line() throws IOException {
        return out.readLine();
    }

    /** Writes a line to its standard input. */
    void send(String text) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).write(text + "\n");
        process.outputWriter(StandardCharsets.UTF_8).flush();
    }

    void closeInput() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    long pid() {
        return process.pid();
    }

    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time);
    }

    int status() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("it has not ended after 30 s");
        }
        return process.exitValue();
    }

    /** Standard error so far; all of it once the process has ended. */
    String errors() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        // What it was started by (strace, taskset) may be killed alone, and leave the server behind.
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            out.close();
            Files.delete(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

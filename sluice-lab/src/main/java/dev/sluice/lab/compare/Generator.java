package dev.sluice.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.lab.load.LoadResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code sluice generate} in a process of its own. It tells when measuring begins and ends, and goes on holding its
 * connections until it is told to finish, so that the server can be looked at in the midst of it. {@link #close} may
 * come from any thread; all else is for one thread.
 */
final class Generator implements AutoCloseable {
    /** For its start, for connecting, and for who looks at the server in the midst of it. */
    private static final Duration SLACK = Duration.ofSeconds(70);

    private static final Duration CONNECT = Duration.ofMillis(5);
    private static final int COMMAND_LINE_WRONG = 2;
    private static final String COMMAND = "sluice generate";
    /** A JVM that can't start names the cause two lines before its last. */
    private static final int LINES = 3;

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private final Duration limit;
    private final CompletableFuture<?> overdue;
    private volatile boolean late;

    /**
     * One that runs.
     *
     * @param errors the file that it prints its failures into
     * @param limit after which it is ended
     */
    Generator(Process process, Path errors, Duration limit) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.errors = errors;
        this.limit = limit;
        this.overdue = new CompletableFuture<>()
                .completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
                .thenRun(() -> {
                    late = true;
                    process.destroyForcibly();
                });
    }

    /**
     * Starts it.
     *
     * @param sluice the command that starts Sluice, without a sub-command
     * @param cores that it is kept to; empty: any
     */
    static Generator start(
            List<String> sluice,
            Workload workload,
            int port,
            Duration warmup,
            Duration duration,
            String cores,
            Path folder)
            throws IOException {
        List<String> command = new ArrayList<>(sluice);
        command.addAll(List.of("generate", "http://127.0.0.1:" + port + workload.path()));
        command.add("--warmup=" + warmup.toMillis() + "ms");
        command.add("--duration=" + duration.toMillis() + "ms");
        command.addAll(workload.loadOptions());
        Path errors = folder.resolve("generator.txt");
        Process process = new ProcessBuilder(Pinning.on(cores, command))
                .redirectError(errors.toFile())
                .start();
        Duration limit = warmup.plus(duration).plus(SLACK).plus(CONNECT.multipliedBy(workload.held()));
        return new Generator(process, errors, limit);
    }

    /** Waits until measuring begins. */
    void awaitMeasuring() throws ServerException, InterruptedException {
        await("measuring");
    }

    /** Waits until measuring is over; its connections are there until {@link #finish}. */
    void awaitMeasured() throws ServerException, InterruptedException {
        await("measured");
    }

    private void await(String mark) throws ServerException, InterruptedException {
        String line = null;
        try {
            line = out.readLine();
        } catch (IOException e) {
            // It was ended, and its streams with it: that is the end of its lines as well.
        }
        if (!mark.equals(line)) {
            throw failed(line);
        }
    }

    /** Lets it close its connections, and returns what it saw. */
    LoadResult finish() throws ServerException, InterruptedException {
        String json;
        try {
            try (Writer in = process.outputWriter(StandardCharsets.UTF_8)) {
                in.write("finish\n");
            }
            json = String.join("\n", out.readAllLines());
        } catch (IOException e) {
            throw failed(null); // it has ended, or was
        }
        if (process.waitFor() != 0) {
            throw failed(json);
        }
        try {
            return Wire.JSON.readValue(json, LoadResult.class);
        } catch (JsonProcessingException e) {
            throw failed(json);
        }
    }

    private ServerException failed(@Nullable String line) throws InterruptedException {
        process.destroy();
        int status = process.waitFor();
        if (late) {
            return new ServerException("the generator took longer than " + limit.toSeconds() + " s and was ended");
        }
        String words = words();
        if (status == COMMAND_LINE_WRONG) {
            throw new IllegalArgumentException("the workload can't be offered: " + words);
        }
        if (words.isEmpty()) {
            words = line == null || line.isEmpty() ? "it ended with status " + status : "it printed '" + line + "'";
        }
        return new ServerException("the generator failed: " + words);
    }

    /**
     * What it says of its failure stands behind its name, perhaps after a logger's lines and before a stack; where it didn't
     * come so far, what it printed last tells why.
     */
    private String words() {
        String own = LastWords.lines(errors).stream()
                .dropWhile(said -> !said.startsWith(COMMAND + ": "))
                .takeWhile(said -> !said.startsWith("\tat "))
                .collect(Collectors.joining("; "));
        return own.isEmpty() ? LastWords.of(errors, LINES) : own;
    }

    @Override
    public void close() {
        overdue.cancel(false);
        process.destroyForcibly();
        process.onExit().join();
    }
}

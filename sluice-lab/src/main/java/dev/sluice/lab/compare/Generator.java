package dev.sluice.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.lab.load.LoadResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    private static final Duration SLACK = Duration.ofSeconds(60);
    private static final int COMMAND_LINE_WRONG = 2;
    private static final String COMMAND = "sluice generate";

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private final CompletableFuture<?> overdue;

    private Generator(Process process, Path errors, Duration limit) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.errors = errors;
        this.overdue = new CompletableFuture<>()
                .completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
                .thenRun(process::destroyForcibly);
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
        return new Generator(process, errors, warmup.plus(duration).plus(SLACK));
    }

    /** Waits until measuring begins. */
    void awaitMeasuring() throws IOException, ServerException, InterruptedException {
        await("measuring");
    }

    /** Waits until measuring is over; its connections are there until {@link #finish}. */
    void awaitMeasured() throws IOException, ServerException, InterruptedException {
        await("measured");
    }

    private void await(String mark) throws IOException, ServerException, InterruptedException {
        String line = out.readLine();
        if (!mark.equals(line)) {
            throw failed(line);
        }
    }

    /** Lets it close its connections, and returns what it saw. */
    LoadResult finish() throws IOException, ServerException, InterruptedException {
        try (Writer in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write("finish\n");
        }
        String json = String.join("\n", out.readAllLines());
        if (process.waitFor() != 0) {
            throw failed(json);
        }
        try {
            return Wire.JSON.readValue(json, LoadResult.class);
        } catch (JsonProcessingException e) {
            throw failed(json);
        }
    }

    private ServerException failed(@Nullable String line) throws IOException, InterruptedException {
        process.destroy();
        int status = process.waitFor();
        String words = words(Files.readAllLines(errors));
        if (status == COMMAND_LINE_WRONG) {
            throw new IllegalArgumentException("the workload can't be offered: " + words);
        }
        return new ServerException("the generator failed: " + (words.isEmpty() ? "it printed '" + line + "'" : words));
    }

    /** What it says of its failure stands behind its name, perhaps after a logger's lines and before a stack. */
    private static String words(List<String> printed) {
        return printed.stream()
                .dropWhile(said -> !said.startsWith(COMMAND + ": "))
                .takeWhile(said -> !said.startsWith("\tat "))
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        overdue.cancel(false);
        process.destroyForcibly();
        process.onExit().join();
    }
}

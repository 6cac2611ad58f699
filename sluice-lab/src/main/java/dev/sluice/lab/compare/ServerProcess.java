package dev.sluice.lab.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, which ends with its standard input: so it can't outlive this process. {@link #close}
 * may come from any thread; all else is for one thread.
 */
final class ServerProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on http://\\S+:(\\d+) \\(.*");
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration REFERENCE_START = Duration.ofSeconds(15);
    /** For a thread that competes with ten thousand others for one core. */
    private static final Duration ANSWER = Duration.ofSeconds(50);

    private static final Duration END = Duration.ofSeconds(10);

    /** What ends the queue of lines. */
    private static final String END_OF_OUTPUT = "";

    private final Contender contender;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private int port;

    private ServerProcess(Contender contender, Process process, Path errors) {
        this.contender = contender;
        this.process = process;
        this.errors = errors;
    }

    /**
     * Starts a server, and returns when it answers a request for the workload's path.
     *
     * @param cores that it is kept to; empty: any
     * @param folder its own, where it may leave files
     * @throws ServerException where it doesn't come up, or doesn't answer with 200
     */
    static ServerProcess start(Contender contender, Workload workload, String cores, Path folder)
            throws ServerException, IOException, InterruptedException {
        Files.createDirectories(folder);
        int port = contender.sluice() ? 0 : freePort();
        Path errors = folder.resolve("stderr.txt");
        // Many processes start on all cores, or they would take minutes; they are kept to theirs once they are up.
        boolean later = contender.sluice() && !contender.oneProcess();
        List<String> command = Pinning.on(later ? "" : cores, contender.launch().command(port, workload, folder));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        if (!contender.sluice()) {
            builder.redirectOutput(errors.toFile());
        }
        ServerProcess server = new ServerProcess(contender, builder.start(), errors);
        try {
            server.port = contender.sluice() ? server.awaitListening() : port;
            server.awaitAnswer(workload);
            if (later) {
                Pinning.move(server.handle(), cores);
            }
            return server;
        } catch (ServerException | IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it knows of itself; null of a server that isn't Sluice's. */
    @Nullable
    Counters counters() throws ServerException, InterruptedException {
        if (!contender.sluice()) {
            return null;
        }
        try {
            Writer in = process.outputWriter(StandardCharsets.UTF_8);
            in.write("counters\n");
            in.flush();
        } catch (IOException e) {
            throw failed("has ended"); // the only reason why nobody reads what we write
        }
        return Counters.ofJson(nextLine(ANSWER));
    }

    private int awaitListening() throws ServerException, InterruptedException {
        Thread.ofPlatform().daemon().name("sluice-server-output").start(this::readLines);
        String line = nextLine(START);
        Matcher matcher = LISTENING.matcher(line);
        if (!matcher.matches()) {
            throw failed("printed '" + line + "' where it should have told its address");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private void readLines() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // The process was destroyed while its output was read: that is its end as well.
            lines.add(END_OF_OUTPUT);
            return;
        }
        lines.add(END_OF_OUTPUT);
    }

    private String nextLine(Duration time) throws ServerException, InterruptedException {
        String line = lines.poll(time.toNanos(), TimeUnit.NANOSECONDS);
        if (line == null) {
            throw failed("said nothing for " + time.toSeconds() + " s");
        }
        if (line.equals(END_OF_OUTPUT)) {
            throw failed("has ended");
        }
        return line;
    }

    /** Where connections have a process each, all of those must be up: else the load would meet them while they load. */
    private void awaitAnswer(Workload workload) throws ServerException, InterruptedException {
        int count = contender.sluice() && !contender.oneProcess() ? workload.held() : 1;
        Duration limit = contender.sluice() ? START : REFERENCE_START;
        long deadline = System.nanoTime() + limit.toNanos();
        String failure = "";
        while (System.nanoTime() - deadline < 0) {
            if (!process.isAlive()) {
                throw failed("has ended");
            }
            try {
                String status = Probe.ask(port, workload.path(), count, deadline);
                if (status.startsWith("HTTP/1.1 200 ")) {
                    return;
                }
                throw failed("answers GET " + workload.path() + " with '" + status + "', not with 200");
            } catch (IOException e) {
                failure = e.getMessage() == null ? e.toString() : e.getMessage();
                process.waitFor(Probe.PAUSE);
            }
        }
        throw failed("did not answer on 127.0.0.1:" + port + " within " + limit.toSeconds() + " s (" + failure + ")");
    }

    /** What became of it, with the last that it printed. */
    ServerException failed(String what) throws InterruptedException {
        boolean ended = process.waitFor(Duration.ofMillis(what.equals("has ended") ? 5_000 : 0));
        String end = ended ? " ended with status " + process.exitValue() : " " + what;
        String words = LastWords.of(errors, 1);
        return new ServerException(contender.name() + end + (words.isEmpty() ? "" : "; it printed: " + words));
    }

    /** Ends it and all that descend from it, and returns when they are gone. */
    @Override
    public void close() {
        List<ProcessHandle> family = process.descendants().toList();
        try {
            process.outputWriter(StandardCharsets.UTF_8).close();
        } catch (IOException e) {
            process.destroy(); // it reads no more; it is told the other way
        }
        boolean ended = false;
        try {
            ended = process.waitFor(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
        }
        for (ProcessHandle child : family) {
            child.destroyForcibly();
        }
        process.onExit().join();
        family.forEach(child -> child.onExit().join());
    }
}

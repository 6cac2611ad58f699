package dev.sluice.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lowers this process's limit of descriptors until nearly none is left, with clients at hand that have theirs already.
 * The limit is set by prlimit(1) from a shell that was started before.
 */
final class DescriptorLimit implements AutoCloseable {
    private static final int SPARE = 64;

    private final Process shell;
    private final Writer commands;
    private final BufferedReader answers;
    private final long usual;
    private final List<SocketChannel> held = new ArrayList<>();
    private final List<SocketChannel> clients = new ArrayList<>();

    /**
     * Lowers the limit so far that a server can still be started.
     *
     * @param clientCount sockets that are opened before, not connected
     */
    DescriptorLimit(int clientCount) throws IOException {
        loadClasses();
        String prlimit = "prlimit --pid " + ProcessHandle.current().pid();
        shell = new ProcessBuilder("sh", "-c", "while read n; do " + prlimit + " --nofile=$n: ; echo done; done")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = shell.outputWriter(StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.US_ASCII));
        usual = Stream.of(Files.readString(Path.of("/proc/self/limits")).split("\n"))
                .filter(line -> line.startsWith("Max open files"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[3]))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < clientCount; i++) {
            clients.add(SocketChannel.open());
        }
        limit(Census.highestDescriptor() + 1L + SPARE);
    }

    /** Takes all descriptors but a few. */
    void fill(int left) throws IOException {
        for (boolean full = false; !full; ) {
            try {
                held.add(SocketChannel.open());
            } catch (IOException e) {
                full = true; // EMFILE, as was wanted
            }
        }
        for (int i = 0; i < left; i++) {
            held.removeLast().close();
        }
    }

    /** Gives back what {@link #fill} took. */
    void empty() throws IOException {
        while (!held.isEmpty()) {
            held.removeLast().close();
        }
    }

    /** A class can't be loaded from a directory without a descriptor: the runtime's are loaded now. */
    private static void loadClasses() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
            Path root = Path.of(entry);
            if (Files.isDirectory(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.map(file -> root.relativize(file).toString())
                            .filter(name -> name.startsWith("dev/sluice/") && name.endsWith(".class"))
                            .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                            .filter(name -> !name.contains("jmh"))
                            .forEach(DescriptorLimit::load);
                }
            }
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, DescriptorLimit.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            throw new AssertionError(name, e);
        }
    }

    /** The sockets opened before. */
    List<SocketChannel> clients() {
        return clients;
    }

    private void limit(long count) throws IOException {
        commands.write(count + "\n");
        commands.flush();
        if (!"done".equals(answers.readLine())) {
            throw new IOException("prlimit did not answer");
        }
    }

    @Override
    public void close() throws IOException {
        empty();
        limit(usual);
        for (SocketChannel client : clients) {
            client.close();
        }
        commands.close(); // the shell reads the end, and ends
    }
}

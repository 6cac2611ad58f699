package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * What a start of {@code ./sluice} is made quick by: the launcher runs this once, and the JVM stores the classes that it
 * loads in an AOT cache (JEP 483 and 514), without profiles of their methods: {@code scripts/aot.sh} tells why. It starts
 * servers as the command line does, one after the other, asks each over loopback, and ends.
 */
public final class Training {
    /** As {@code --model} takes them; what this machine can't run is passed over. */
    static final List<String> MODELS = List.of("auto", "epoll", "threads", "virtual", "nio");

    private static final Pattern LISTENING = Pattern.compile("listening on http://[^ ]*:(\\d+) .*");
    private static final int REQUESTS = 20;

    private Training() {}

    /**
     * Trains.
     *
     * @param arguments none
     * @throws IOException where a server that is up does not answer
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("sluice-training");
        Path page = Files.writeString(folder.resolve("index.html"), "<p>training");
        Main.prepareServer();
        try {
            for (String model : MODELS) {
                serve("serve", folder.toString(), "--port=0", "--control", "--model=" + model);
                serve("serve", "--respond=training", "--port=0", "--control", "--model=" + model);
            }
        } finally {
            Files.delete(page);
            Files.delete(folder);
        }
        System.exit(0);
    }

    /** Runs a server, which ends with its standard input. */
    private static void serve(String... arguments) throws IOException, InterruptedException {
        PipedReader lines = new PipedReader();
        PrintWriter out = new PrintWriter(new PipedWriter(lines));
        Thread server;
        try (PipedOutputStream input = new PipedOutputStream();
                BufferedReader reader = new BufferedReader(lines)) {
            System.setIn(new PipedInputStream(input));
            server = Thread.ofPlatform().start(() -> {
                CommandLine line = Main.commandLine(arguments[0]);
                line.setOut(out);
                line.execute(arguments);
                out.close();
            });
            String first = reader.readLine();
            Matcher matcher = LISTENING.matcher(first == null ? "" : first);
            if (matcher.matches()) {
                ask(Integer.parseInt(matcher.group(1)));
            }
        }
        server.join();
    }

    private static void ask(int port) throws IOException {
        byte[] request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < REQUESTS; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(request);
                InputStream answer = socket.getInputStream();
                String start = new String(answer.readNBytes(12), StandardCharsets.US_ASCII);
                if (!start.equals("HTTP/1.1 200")) {
                    throw new IOException("a server in training answered '" + start + "'");
                }
            }
        }
    }
}

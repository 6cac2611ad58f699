package dev.sluice.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many clients of an echo service, in a process of their own: one process can hold no more than its limit of
 * descriptors, and a server under test needs its share.
 *
 * <pre>
 *   java dev.sluice.conformance.ManyClients PORT COUNT [SECONDS]
 *
 *   opens COUNT connections to PORT on loopback; on each sends a message of its own and checks the echo
 *   ──▶ "held N"            all N that succeeded are open at once
 *   ◀── a line              (an end of input means that the test is gone: everything is closed, exit status 3)
 *   ──▶ "done N errors E"   a second echo was checked on each of the N; then all were closed
 * </pre>
 *
 * Exit status 0: COUNT connections and no error; 1: errors, told on standard error; 2: wrong arguments; 3: the test is
 * gone or too slow. Every phase ends after SECONDS (60 where not given), and what is not done by then is an error.
 */
final class ManyClients {
    /** Connections between their connect and their first echo: fewer than any accept queue that a test asks for. */
    private static final int UNDER_WAY_COUNT = 100;

    private static final int ERRORS_TOLD = 10;
    private static final int MESSAGE_BYTES = 32;

    private final InetSocketAddress server;
    private final int count;
    private final long phaseNanos;
    private final Selector selector = Selector.open();
    private final List<Client> held = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4 * MESSAGE_BYTES);
    private int underWay;
    private int errors;

    private ManyClients(int port, int count, long phaseNanos) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        this.count = count;
        this.phaseNanos = phaseNanos;
    }

    /**
     * Starts it as a process of its own. Its standard error is the caller's; the caller reads "held" and "done" from
     * its output, writes a line in between, and waits for its end.
     */
    static Process start(int port, int count, int seconds) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyClients.class.getName(),
                        Integer.toString(port),
                        Integer.toString(count),
                        Integer.toString(seconds))
                .redirectError(Redirect.INHERIT)
                .start();
    }

    public static void main(String[] args) throws Exception {
        int port;
        int count;
        int seconds;
        try {
            port = Integer.parseInt(args[0]);
            count = Integer.parseInt(args[1]);
            seconds = args.length > 2 ? Integer.parseInt(args[2]) : 60;
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            System.err.println("usage: ManyClients PORT COUNT [SECONDS]");
            System.exit(2);
            return;
        }
        System.exit(new ManyClients(port, count, TimeUnit.SECONDS.toNanos(seconds)).run());
    }

    private int run() throws IOException, InterruptedException {
        open();
        System.out.println("held " + held.size());
        System.out.flush();
        if (!awaitLine()) {
            return 3;
        }
        int done = echoAgain();
        selector.close();
        System.out.println("done " + done + " errors " + errors);
        System.out.flush();
        return errors == 0 && done == count ? 0 : 1;
    }

    /** Connects all, a bounded number at a time, each with its first echo. */
    private void open() throws IOException {
        long deadline = System.nanoTime() + phaseNanos;
        int started = 0;
        while (started < count || underWay > 0) {
            while (started < count && underWay < UNDER_WAY_COUNT) {
                connect(started++);
            }
            if (!turn(deadline)) {
                failUnfinished("is not connected and echoed in time");
                return;
            }
        }
    }

    private void connect(int number) {
        Client client = null;
        try {
            client = new Client(number, SocketChannel.open());
            client.channel.configureBlocking(false);
            client.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.key = client.channel.register(selector, SelectionKey.OP_CONNECT, client);
            underWay++;
            client.underWay = true;
            if (client.channel.connect(server)) {
                client.startRound();
            }
        } catch (IOException e) {
            if (client == null) {
                error("client " + number + ": " + e);
            } else {
                client.fail(e.toString());
            }
        }
    }

    /** The second round, on every connection that is held, and closes each. */
    private int echoAgain() throws IOException {
        long deadline = System.nanoTime() + phaseNanos;
        ArrayDeque<Client> waiting = new ArrayDeque<>(held);
        held.clear();
        while (!waiting.isEmpty() || underWay > 0) {
            while (!waiting.isEmpty() && underWay < UNDER_WAY_COUNT) {
                Client client = waiting.remove();
                underWay++;
                client.underWay = true;
                client.startRound();
            }
            if (!turn(deadline)) {
                failUnfinished("is not echoed again in time");
                errors += waiting.size();
                break;
            }
        }
        for (Client client : held) {
            client.channel.close();
        }
        return held.size();
    }

    /** One turn of the loop; false when the time is over. */
    private boolean turn(long deadlineNanos) throws IOException {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        if (underWay > 0) {
            selector.select(ManyClients::ready, TimeUnit.NANOSECONDS.toMillis(left) + 1);
        }
        return true;
    }

    private static void ready(SelectionKey key) {
        ((Client) key.attachment()).ready();
    }

    private void failUnfinished(String why) {
        for (SelectionKey key : List.copyOf(selector.keys())) {
            Client client = (Client) key.attachment();
            if (client.underWay) {
                client.fail(why);
            }
        }
    }

    /** False at the end of input, or when nobody says anything for too long. */
    private boolean awaitLine() throws InterruptedException {
        CompletableFuture<Boolean> line = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("stdin").start(() -> {
            try {
                var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                line.complete(input.readLine() != null);
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        try {
            return line.get(phaseNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            System.err.println("ManyClients: no line on standard input: " + e);
            return false;
        }
    }

    private void error(String what) {
        if (++errors <= ERRORS_TOLD) {
            System.err.println("ManyClients: " + what);
        }
    }

    /** One connection: connect, then round by round a message out and its echo in. */
    private final class Client {
        final int number;
        final SocketChannel channel;
        SelectionKey key;
        boolean underWay;
        private boolean failed;
        private int round;
        private ByteBuffer output = ByteBuffer.allocate(0);
        private byte[] message = {};
        private int echoed;

        Client(int number, SocketChannel channel) {
            this.number = number;
            this.channel = channel;
        }

        void startRound() {
            round++;
            String text = "client " + number + " round " + round;
            message = (text + ".".repeat(MESSAGE_BYTES - 1 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
            output = ByteBuffer.wrap(message);
            echoed = 0;
            try {
                flush();
            } catch (IOException e) {
                fail(e.toString());
            }
        }

        void ready() {
            if (failed) {
                return;
            }
            try {
                if (key.isConnectable()) {
                    if (channel.finishConnect()) {
                        startRound();
                    }
                    return;
                }
                if (output.hasRemaining()) {
                    flush();
                }
                read();
            } catch (IOException e) {
                fail(e.toString());
            }
        }

        private void flush() throws IOException {
            channel.write(output);
            key.interestOps(SelectionKey.OP_READ | (output.hasRemaining() ? SelectionKey.OP_WRITE : 0));
        }

        private void read() throws IOException {
            int n = channel.read(buffer.clear());
            if (n < 0) {
                fail("was closed by the server in round " + round);
                return;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                if (echoed == message.length || buffer.get() != message[echoed++]) {
                    fail("was echoed something else in round " + round);
                    return;
                }
            }
            if (n > 0 && echoed == message.length && underWay) {
                finishRound();
            }
        }

        private void finishRound() {
            underWay = false;
            ManyClients.this.underWay--;
            held.add(this);
        }

        void fail(String why) {
            if (failed) {
                return;
            }
            failed = true;
            held.remove(this); // where its end comes while it only waits
            error("client " + number + " " + why);
            if (underWay) {
                underWay = false;
                ManyClients.this.underWay--;
            }
            try {
                channel.close();
            } catch (IOException e) {
                error("client " + number + " can't be closed: " + e);
            }
        }
    }
}

package dev.sluice.lab.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks a server whether it is there. */
final class Probe {
    /** Between two tries. */
    static final Duration PAUSE = Duration.ofMillis(50);

    private Probe() {}

    /**
     * Sends a GET on each of so many connections, which are all held until the last is answered.
     *
     * @param deadline of {@link System#nanoTime}
     * @return the last status line
     * @throws IOException where nobody listens or answers in time
     */
    static String ask(int port, String path, int count, long deadline) throws IOException {
        List<Socket> held = new ArrayList<>();
        try {
            String status = "";
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket();
                held.add(socket);
                int left = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
                socket.setSoTimeout(left);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), left);
                String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                status = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
                        .readLine();
                if (status == null) {
                    throw new IOException("it closed the connection without an answer");
                }
            }
            return status;
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }
}

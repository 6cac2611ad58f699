package dev.sluice.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sends the cases of {@code http11.json} to a server that reflects, over plain sockets, and judges its answers. */
public final class Http11Probe {
    /** Silence is what lasts for so long. */
    private static final int SILENCE_MILLIS = 2_000;

    /**
     * Expectations that we answer otherwise, and why. Cases that only earn a warning need no entry.
     */
    public static final Map<String, String> ANSWERED_OTHERWISE = Map.of();

    private Http11Probe() {}

    /** What a server did about a case. */
    public record Result(Http11Case probe, RawResponse answer, Http11Case.Verdict verdict) {
        @Override
        public String toString() {
            return probe.id() + ": " + verdict + " (status " + answer.status() + (answer.closed() ? ", closed" : "")
                    + ")";
        }
    }

    /** Runs all cases, one after another. */
    public static List<Result> run(String host, int port) throws IOException {
        List<Result> results = new ArrayList<>();
        for (Http11Case probe : Http11Case.load()) {
            RawResponse answer = ask(probe, host, port);
            results.add(new Result(probe, answer, probe.judge(answer)));
        }
        return results;
    }

    /** The results that are failures, those of {@link #ANSWERED_OTHERWISE} apart. */
    public static List<Result> failures(List<Result> results) {
        return results.stream()
                .filter(result -> result.verdict() == Http11Case.Verdict.FAIL)
                .filter(result -> !ANSWERED_OTHERWISE.containsKey(result.probe().id()))
                .toList();
    }

    private static RawResponse ask(Http11Case probe, String host, int port) throws IOException {
        byte[] request = probe.requestTo(host + ":" + port);
        boolean toHead = probe.id().equals("COMP-HEAD-NO-BODY");
        boolean wantsClose = probe.expect().stream().anyMatch(outcome -> outcome.containsKey("thenClose"));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        boolean closed = false;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 5_000);
            socket.setSoTimeout(SILENCE_MILLIS);
            closed = !send(socket, request);
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[16 * 1024];
            while (wantsClose || !RawResponse.isWhole(answer.toByteArray(), toHead)) {
                int count = in.read(piece);
                if (count < 0) {
                    closed = true;
                    break;
                }
                answer.write(piece, 0, count);
            }
        } catch (SocketTimeoutException silence) {
            assert !closed;
        } catch (SocketException reset) {
            closed = true;
        }
        return RawResponse.of(answer.toByteArray(), closed, toHead);
    }

    /** False where the server would not have all of it, which is its right with a request that it refuses. */
    private static boolean send(Socket socket, byte[] request) throws IOException {
        try {
            socket.getOutputStream().write(request);
            return true;
        } catch (SocketException refused) {
            return false;
        }
    }
}

package dev.sluice.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Requests that nobody would send, made from those of the conformance suites. The same seed makes the same ones. */
final class Mutations {
    /** Whole requests stay below this, so that a client can send them before it reads. */
    private static final int MOST_BYTES = 48 * 1024;

    private static final List<String> TOKENS = List.of(
            "\r\n",
            "\n",
            "\r",
            "\r\n\r\n",
            " ",
            "\t",
            ":",
            ",",
            ";",
            "\0",
            "%00",
            "%2e%2e%2f",
            "0",
            "+5",
            "-1",
            "0x10",
            "FFFFFFFFFFFFFFFFF",
            "Content-Length: 5\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "Host: b\r\n",
            "HTTP/1.0",
            "HTTP/1.1",
            "5\r\nhello\r\n",
            "0\r\n\r\n",
            ";a=\"b\"",
            "\u0080",
            "\u00ff",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");

    private final Random random;
    private final List<byte[]> seeds;

    Mutations(long seed) {
        this.random = new Random(seed);
        this.seeds = Stream.concat(
                        LlhttpTest.vectors().map(LlhttpVector::input),
                        Http11Case.load().stream().map(probe -> probe.requestTo("a")))
                .filter(bytes -> bytes.length <= MOST_BYTES)
                .toList();
    }

    /** What one client sends, in the pieces that it sends it in. */
    List<byte[]> next() {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            joined.writeBytes(seeds.get(random.nextInt(seeds.size())));
        }
        byte[] bytes = joined.toByteArray();
        for (int n = random.nextInt(4); n > 0; n--) {
            bytes = mutated(bytes);
        }
        return pieces(bytes.length <= MOST_BYTES ? bytes : cut(bytes, 0, MOST_BYTES));
    }

    private byte[] mutated(byte[] bytes) {
        if (bytes.length == 0) {
            return token();
        }
        int from = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, from + 1 + random.nextInt(16));
        return switch (random.nextInt(6)) {
            case 0 -> joined(cut(bytes, 0, from), token(), cut(bytes, from, bytes.length));
            case 1 -> joined(cut(bytes, 0, from), cut(bytes, to, bytes.length));
            case 2 -> joined(cut(bytes, 0, to), cut(bytes, from, bytes.length));
            case 3 -> joined(cut(bytes, 0, from), token(), cut(bytes, to, bytes.length));
            case 4 -> flipped(bytes, from);
            default -> cut(bytes, 0, to);
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    private byte[] token() {
        return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.ISO_8859_1);
    }

    private List<byte[]> pieces(byte[] bytes) {
        List<byte[]> pieces = new ArrayList<>();
        int most = 1 + random.nextInt(Math.max(1, bytes.length));
        for (int at = 0; at < bytes.length; ) {
            int to = pieces.size() == 7 ? bytes.length : Math.min(bytes.length, at + 1 + random.nextInt(most));
            pieces.add(cut(bytes, at, to));
            at = to;
        }
        return pieces;
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}

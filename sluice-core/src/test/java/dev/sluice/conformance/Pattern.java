package dev.sluice.conformance;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A stream of bytes that is known by position alone: lost, doubled and exchanged bytes show. */
final class Pattern {
    private Pattern() {}

    /** Fills an array with the stream from a position on. */
    static byte[] fill(byte[] bytes, long position) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((position + i) * 0x9E3779B97F4A7C15L >>> 53);
        }
        return bytes;
    }

    static byte[] bytes(int count) {
        return fill(new byte[count], 0);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The digest of the stream's first bytes. */
    static String digestOf(int count) {
        MessageDigest digest = sha256();
        digest.update(bytes(count));
        return hex(digest);
    }
}

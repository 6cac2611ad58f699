package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The methods of RFC 9110 section 9 and RFC 5789, as strings that are made once. */
final class Methods {
    /** What this server implements for every resource, in the form of an Allow field. */
    static final String IMPLEMENTED = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";

    private static final String[] KNOWN = {
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"
    };

    private Methods() {}

    static String of(ByteBuffer in, int start, int end) {
        for (String method : KNOWN) {
            if (method.length() == end - start && matches(in, start, method)) {
                return method;
            }
        }
        byte[] name = new byte[end - start];
        in.get(start, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static boolean matches(ByteBuffer in, int start, String method) {
        for (int i = 0; i < method.length(); i++) {
            if (in.get(start + i) != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether handlers are asked about it; the others are answered with 501. */
    static boolean isImplemented(String method) {
        return switch (method) {
            case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" -> true;
            default -> false;
        };
    }
}

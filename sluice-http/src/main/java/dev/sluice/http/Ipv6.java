package dev.sluice.http;

import java.nio.ByteBuffer;

/** The grammar of IPv6 addresses in text (RFC 3986 section 3.2.2). */
final class Ipv6 {
    private static final int GROUPS = 8;

    private Ipv6() {}

    /** Whether bytes are an address: eight groups, or fewer around one "::"; the last two may be an IPv4 address. */
    static boolean isAddress(ByteBuffer in, int from, int to) {
        int groups = 0;
        boolean gap = false;
        int at = from;
        if (to - from >= 2 && in.get(from) == ':') {
            if (in.get(from + 1) != ':') {
                return false;
            }
            gap = true;
            at += 2;
        }
        while (at < to) {
            int end = at;
            while (end < to && Character.digit(in.get(end), 16) >= 0) {
                end++;
            }
            if (end < to && in.get(end) == '.') {
                groups += 2;
                return isIpv4(in, at, to) && (gap ? groups < GROUPS : groups == GROUPS);
            }
            groups++;
            if (end == at || end - at > 4) {
                return false;
            }
            if (end == to) {
                break;
            }
            if (in.get(end) != ':' || end + 1 == to) {
                return false;
            }
            at = end + 1;
            if (in.get(at) == ':') {
                if (gap) {
                    return false;
                }
                gap = true;
                at++;
            }
        }
        return gap ? groups < GROUPS : groups == GROUPS;
    }

    private static boolean isIpv4(ByteBuffer in, int from, int to) {
        int at = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (at >= to || in.get(at++) != '.')) {
                return false;
            }
            int value = 0;
            int digits = at;
            while (at < to && in.get(at) >= '0' && in.get(at) <= '9' && value <= 255) {
                value = value * 10 + in.get(at++) - '0';
            }
            boolean leadingZero = at - digits > 1 && in.get(digits) == '0';
            if (at == digits || value > 255 || leadingZero) {
                return false;
            }
        }
        return at == to;
    }
}

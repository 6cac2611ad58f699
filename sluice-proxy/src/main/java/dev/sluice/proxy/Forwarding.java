package dev.sluice.proxy;

import dev.sluice.http.GatewayExchange;
import dev.sluice.http.HeadBytes;
import dev.sluice.http.MessageHead;
import dev.sluice.http.ResponseHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which fields are passed on. Those about one connection are not (RFC 9110 section 7.6.1), nor those that a Connection field
 * names; framing is stated anew, so that no back end can read it otherwise than we did.
 */
final class Forwarding {
    private static final String CONNECTION = "Connection";

    private final ForwardingOptions options;
    private final String via10;
    private final String via11;

    Forwarding(ForwardingOptions options) {
        this.options = options;
        this.via10 = "Via: 1.0 " + options.pseudonym() + "\r\n";
        this.via11 = "Via: 1.1 " + options.pseudonym() + "\r\n";
    }

    /** Whether a request asks for WebSocket; no other protocol is passed through, since we couldn't tell what it asks for. */
    static boolean isWebSocket(GatewayExchange exchange) {
        MessageHead head = exchange.head();
        int upgrade = head.find("Upgrade", 0);
        return upgrade >= 0
                && head.fieldValue(upgrade).equalsIgnoreCase("websocket")
                && exchange.bodyLength() == 0
                && exchange.request().method().equals("GET")
                && exchange.request().version().equals("HTTP/1.1")
                && isListed(connectionOptions(head), "upgrade");
    }

    // ---- requests

    /** The head that a back end is sent. */
    void request(GatewayExchange exchange, boolean webSocket, HeadBytes to) {
        to.clear().text(exchange.request().method()).text(" ");
        exchange.target(to);
        to.text(" HTTP/1.1\r\n");
        String host = exchange.request().host();
        String sent = options.host() != null ? options.host() : host;
        to.field("Host", sent == null ? "" : sent);
        MessageHead head = exchange.head();
        String named = connectionOptions(head);
        for (int i = 0; i < head.fieldCount(); i++) {
            if (isPassedOn(head, i) && !isListed(named, head, i)) {
                to.field(head, i);
            }
        }
        forwardedFor(exchange.request().remoteAddress(), host, head, to);
        to.text(exchange.request().version().equals("HTTP/1.1") ? via11 : via10);
        if (exchange.bodyLength() < 0) {
            to.text("Transfer-Encoding: chunked\r\n");
        } else if (exchange.bodyLength() > 0 || head.find("Content-Length", 0) >= 0) {
            to.text("Content-Length: ").number(exchange.bodyLength()).text("\r\n");
        }
        if (webSocket) {
            to.text("Connection: Upgrade\r\nUpgrade: websocket\r\n");
        }
        to.text("\r\n");
    }

    /** Whether a field of a request goes on as it is; the others are dropped, or stated anew. */
    private boolean isPassedOn(MessageHead head, int i) {
        return switch (head.nameLength(i)) {
            case 2 -> !head.isNamed(i, "TE");
            case 4 -> !head.isNamed(i, "Host");
            case 7 -> !head.isNamed(i, "Upgrade");
            case 9 -> options.forwarded() == ForwardedMode.APPEND || !head.isNamed(i, "Forwarded");
            case 10 -> !head.isNamed(i, CONNECTION) && !head.isNamed(i, "Keep-Alive");
            case 14 -> !head.isNamed(i, "Content-Length");
            case 15 -> options.xForwarded() == ForwardedMode.APPEND || !head.isNamed(i, "X-Forwarded-For");
            case 16 ->
                !head.isNamed(i, "Proxy-Connection")
                        && (options.xForwarded() == ForwardedMode.APPEND || !head.isNamed(i, "X-Forwarded-Host"));
            case 17 ->
                !head.isNamed(i, "Transfer-Encoding")
                        && (options.xForwarded() == ForwardedMode.APPEND || !head.isNamed(i, "X-Forwarded-Proto"));
            default -> true;
        };
    }

    private void forwardedFor(SocketAddress client, @Nullable String host, MessageHead head, HeadBytes to) {
        if (options.xForwarded() != ForwardedMode.DROP) {
            to.field("X-Forwarded-For", address(client));
            if (head.find("X-Forwarded-Proto", 0) < 0 || options.xForwarded() == ForwardedMode.REPLACE) {
                to.text("X-Forwarded-Proto: http\r\n");
            }
            boolean told = head.find("X-Forwarded-Host", 0) >= 0 && options.xForwarded() == ForwardedMode.APPEND;
            if (host != null && !told) {
                to.field("X-Forwarded-Host", host);
            }
        }
        if (options.forwarded() != ForwardedMode.DROP) {
            String node = address(client);
            String quoted = node.indexOf(':') >= 0 ? "\"[" + node + "]\"" : node;
            to.field("Forwarded", "for=" + quoted + (host == null ? "" : ";host=\"" + host + "\"") + ";proto=http");
        }
    }

    private static String address(SocketAddress client) {
        InetAddress address = client instanceof InetSocketAddress inet ? inet.getAddress() : null;
        if (address == null) {
            return "unknown"; // a Unix-domain peer: the word of RFC 7239 section 6.2
        }
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    // ---- responses

    /**
     * The fields that a client is sent.
     *
     * @param bare whether no body follows, so that Content-Length is only told of
     */
    void response(ResponseHead head, boolean bare, HeadBytes to) {
        to.clear();
        String named = connectionOptions(head);
        for (int i = 0; i < head.fieldCount(); i++) {
            if (isPassedBack(head, i, bare) && !isListed(named, head, i)) {
                to.field(head, i);
            }
        }
        to.text(via11);
    }

    private static boolean isPassedBack(MessageHead head, int i, boolean bare) {
        return switch (head.nameLength(i)) {
            case 2 -> !head.isNamed(i, "TE");
            case 7 -> !head.isNamed(i, "Upgrade");
            case 10 -> !head.isNamed(i, CONNECTION) && !head.isNamed(i, "Keep-Alive");
            case 14 -> bare || !head.isNamed(i, "Content-Length");
            case 16 -> !head.isNamed(i, "Proxy-Connection");
            case 17 -> !head.isNamed(i, "Transfer-Encoding");
            default -> true;
        };
    }

    /** The fields of a response of 101, by which both sides change over to WebSocket. */
    void switching(ResponseHead head, HeadBytes to) {
        response(head, false, to);
        to.text("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    }

    // ---- trailers

    /** Trailers without what only a head may say (RFC 9110 section 6.5.1). */
    static @Nullable HeadBytes trailers(@Nullable HeadBytes lines) {
        return lines == null ? null : lines.without(Forwarding::isNoTrailer);
    }

    private static boolean isNoTrailer(String name) {
        return switch (name) {
            case "connection",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "upgrade",
                    "trailer",
                    "transfer-encoding",
                    "content-length",
                    "host",
                    "content-encoding",
                    "content-type",
                    "content-range",
                    "authorization",
                    "cookie",
                    "set-cookie",
                    "location",
                    "via",
                    "expect",
                    "forwarded" -> true;
            default -> name.startsWith("x-forwarded-") || name.startsWith("proxy-");
        };
    }

    // ---- Connection

    /** What the Connection fields say besides the two common words, in lower case and between commas; empty for nothing. */
    private static String connectionOptions(MessageHead head) {
        String all = "";
        for (int i = head.find(CONNECTION, 0); i >= 0; i = head.find(CONNECTION, i + 1)) {
            String value = head.fieldValue(i);
            if (!value.equalsIgnoreCase("keep-alive") && !value.equalsIgnoreCase("close")) {
                all += "," + value.toLowerCase(Locale.ROOT).replace(" ", "").replace("\t", "") + ",";
            }
        }
        return all;
    }

    private static boolean isListed(String options, String name) {
        return options.contains("," + name + ",");
    }

    private static boolean isListed(String options, MessageHead head, int i) {
        return !options.isEmpty() && isListed(options, head.fieldName(i).toLowerCase(Locale.ROOT));
    }
}

package dev.sluice.lab.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** HTTP/1.1: requests with the fewest header fields that it needs, encoded once. */
final class HttpProtocol implements Protocol {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern TARGET = Pattern.compile("/[\\x21-\\x7e]*");
    private static final Pattern FIELD =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([^\\x00-\\x08\\x0a-\\x1f]*)");
    private static final List<String> OURS = List.of("content-length", "transfer-encoding", "connection", "expect");

    private final List<byte[]> requests = new ArrayList<>();

    HttpProtocol(Load load) {
        for (RequestKind kind : load.mix()) {
            requests.add(encode(load, kind));
        }
    }

    private static byte[] encode(Load load, RequestKind kind) {
        String method = kind.method();
        if (!TOKEN.matcher(method).matches()) {
            throw new IllegalArgumentException("'" + method + "' is no HTTP method");
        }
        if (method.equals("HEAD") || method.equals("CONNECT")) {
            throw new IllegalArgumentException("the generator can't send " + method + ": take GET");
        }
        if (!TARGET.matcher(kind.target()).matches()) {
            throw new IllegalArgumentException(
                    "'" + kind.target() + "' is no path: it must begin with / and hold no blanks, as in /users?id=7");
        }
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(kind.target()).append(" HTTP/1.1\r\n");
        boolean host = false;
        for (String header : load.headers()) {
            host |= checkedName(header).equals("host");
            head.append(header).append("\r\n");
        }
        if (!host) {
            head.append("Host: ").append(load.url().getRawAuthority()).append("\r\n");
        }
        if (kind.body().size() > 0 || method.equals("POST") || method.equals("PUT")) {
            head.append("Content-Length: ").append(kind.body().size()).append("\r\n");
        }
        if (load.churn()) {
            head.append("Connection: close\r\n");
        }
        byte[] headBytes = head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = java.util.Arrays.copyOf(
                headBytes, headBytes.length + kind.body().size());
        kind.body().copyTo(bytes, headBytes.length);
        return bytes;
    }

    private static String checkedName(String header) {
        var matcher = FIELD.matcher(header);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + header + "' is no header field: write it as 'Accept: text/html'");
        }
        String name = matcher.group(1).toLowerCase(Locale.ROOT);
        if (OURS.contains(name)) {
            throw new IllegalArgumentException("the header field '" + matcher.group(1)
                    + "' is the generator's own: it follows from body and churn");
        }
        return name;
    }

    @Override
    public List<byte[]> requests() {
        return requests;
    }

    @Override
    public Answers answers() {
        return new HttpAnswers(requests.size());
    }
}

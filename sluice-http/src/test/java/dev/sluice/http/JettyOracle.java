package dev.sluice.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/** What jetty-http's parser, in its strict mode, makes of some input: the messages, and whether it refused. */
final class JettyOracle implements HttpParser.RequestHandler {
    /** A request as jetty found it. */
    static final class Message {
        String method = "";
        String target = "";
        HttpVersion version = HttpVersion.HTTP_1_1;
        final List<Headers.Field> fields = new ArrayList<>();
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete;

        @Override
        public String toString() {
            return method + " " + target + " " + version + " " + fields + " body="
                    + body.toString(StandardCharsets.ISO_8859_1) + (complete ? " complete" : " incomplete");
        }
    }

    private final List<Message> messages = new ArrayList<>();
    private String refusal = "";

    private JettyOracle() {}

    static JettyOracle of(byte[] input) {
        JettyOracle oracle = new JettyOracle();
        HttpParser parser = new HttpParser(oracle, 64 * 1024, HttpCompliance.STRICT);
        ByteBuffer in = ByteBuffer.wrap(input.clone());
        for (int idle = 0; idle < 3 && oracle.refusal.isEmpty() && in.hasRemaining(); ) {
            int before = in.remaining();
            try {
                parser.parseNext(in);
            } catch (RuntimeException e) {
                oracle.refusal = String.valueOf(e);
            }
            if (parser.getState() == HttpParser.State.END) {
                parser.reset();
                idle = 0;
            } else {
                idle = in.remaining() == before ? idle + 1 : 0;
            }
            if (parser.getState() == HttpParser.State.CLOSE || parser.getState() == HttpParser.State.CLOSED) {
                break;
            }
        }
        return oracle;
    }

    List<Message> messages() {
        return messages;
    }

    /** Why the input was refused; empty where it wasn't. */
    String refusal() {
        return refusal;
    }

    @Override
    public void startRequest(String method, String target, HttpVersion version) {
        Message message = new Message();
        message.method = method;
        message.target = target;
        message.version = version;
        messages.add(message);
    }

    @Override
    public void parsedHeader(HttpField field) {
        if (field.getName() != null && Chars.isToken(field.getName())) {
            String value = field.getValue() == null ? "" : field.getValue();
            messages.getLast().fields.add(new Headers.Field(field.getName(), value));
        }
    }

    @Override
    public boolean content(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        messages.getLast().body.writeBytes(copy);
        return false;
    }

    @Override
    public boolean headerComplete() {
        return false;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public boolean messageComplete() {
        messages.getLast().complete = true;
        return true;
    }

    @Override
    public void earlyEOF() {
        refusal = "early end";
    }

    @Override
    public void badMessage(org.eclipse.jetty.http.HttpException failure) {
        refusal = failure.getCode() + " " + failure.getReason();
    }

    @Override
    public String toString() {
        return messages + (refusal.isEmpty() ? "" : " refused: " + refusal);
    }
}

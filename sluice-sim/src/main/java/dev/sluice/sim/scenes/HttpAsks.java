package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.scenes.HttpAsk.Ending;
import dev.sluice.sim.scenes.HttpPath.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Draws requests that are well-formed, with the answers that they must get from {@link HttpHandlers}. */
final class HttpAsks {
    /** A body that nobody reads is discarded up to this length. */
    static final int DISCARD_BYTES = 8 * 1024;

    private static final int ANSWER_BYTES = 16 * 1024;
    private static final int READ_BYTES = 16 * 1024;
    private static final int SALTS = 1000;
    private static final List<Kind> WITHOUT_BODY =
            List.of(Kind.FIXED, Kind.FIXED, Kind.EMPTY, Kind.FAIL, Kind.PULLED, Kind.STREAMED);

    private final Dice dice;

    HttpAsks(Dice dice) {
        this.dice = dice;
    }

    /**
     * Draws one.
     *
     * @param last whether the connection may end behind it
     */
    HttpAsk draw(boolean last) {
        boolean reads = dice.chance(0.4);
        Kind kind;
        if (reads) {
            kind = dice.nextBoolean() ? Kind.ECHO : Kind.COUNT;
        } else if (last && dice.chance(0.2)) {
            kind = dice.nextBoolean() ? Kind.CLOSE : Kind.IGNORE;
        } else {
            kind = WITHOUT_BODY.get(dice.below(WITHOUT_BODY.size()));
        }
        return new Draw(kind, last).ask();
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** One request in the making. */
    private final class Draw {
        private final HttpPath path;
        private final boolean old;
        private final boolean reads;
        private final boolean keepAlive;
        private final boolean chunked;
        private final boolean awaitsContinue;
        private final String method;
        private final byte @Nullable [] body;

        Draw(Kind kind, boolean last) {
            this.path = new HttpPath(kind, (int) dice.spread(0, ANSWER_BYTES), dice.below(SALTS));
            this.reads = kind == Kind.ECHO || kind == Kind.COUNT;
            boolean hasBody = reads || kind == Kind.IGNORE || dice.chance(0.15);
            this.method = hasBody
                    ? dice.any(new String[] {"POST", "PUT", "PATCH"})
                    : dice.any(new String[] {"GET", "GET", "GET", "HEAD", "DELETE"});
            int most = kind == Kind.IGNORE ? 4 * DISCARD_BYTES : reads ? READ_BYTES : DISCARD_BYTES;
            this.body = hasBody ? dice.bytes((int) dice.spread(1, most)) : null;
            // The body of an old answer may end with the connection.
            boolean streams = kind == Kind.PULLED || kind == Kind.STREAMED;
            this.old = (last || !streams) && dice.chance(0.1);
            this.chunked = hasBody && !old && dice.nextBoolean();
            this.awaitsContinue = reads && !old && dice.chance(0.2);
            this.keepAlive = !last || dice.chance(0.7);
        }

        HttpAsk ask() {
            StringBuilder head = new StringBuilder();
            if (dice.chance(0.05)) {
                head.append("\r\n");
            }
            head.append(method).append(' ').append(path).append(old ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
            field(head, "Host", "server");
            if (!keepAlive && !old) {
                field(head, "Connection", "close");
            } else if (keepAlive && old) {
                field(head, "Connection", "keep-alive");
            }
            padding(head);
            byte[] content = body;
            if (content != null) {
                field(
                        head,
                        chunked ? "Transfer-Encoding" : "Content-Length",
                        chunked ? "chunked" : "" + content.length);
            }
            if (awaitsContinue) {
                field(head, "Expect", "100-continue");
            }
            head.append("\r\n");
            String onWire = content == null ? "" : chunked ? inChunks(content) : latin(content);
            return new HttpAsk(
                    method + " " + path,
                    head.toString(),
                    onWire,
                    awaitsContinue,
                    method.equals("HEAD"),
                    List.of(status()),
                    answer(),
                    ending(),
                    !reads && content != null && ending() != Ending.STAYS);
        }

        private void padding(StringBuilder head) {
            int fields = dice.chance(0.3) ? dice.below(4) : 0;
            for (int i = 0; i < fields; i++) {
                field(head, "X-" + i, "v".repeat(dice.below(200)));
            }
        }

        private void field(StringBuilder head, String name, String value) {
            head.append(dice.chance(0.2) ? name.toLowerCase(Locale.ROOT) : name)
                    .append(dice.chance(0.1) ? ":" : ": ")
                    .append(value)
                    .append(dice.chance(0.1) ? " \r\n" : "\r\n");
        }

        private String inChunks(byte[] content) {
            StringBuilder out = new StringBuilder();
            String text = latin(content);
            for (int at = 0; at < content.length; ) {
                int count = (int) dice.spread(1, content.length - at);
                out.append(dice.nextBoolean() ? Integer.toHexString(count) : String.format("%03X", count))
                        .append(dice.chance(0.1) ? ";a=b" : "")
                        .append("\r\n")
                        .append(text, at, at + count)
                        .append("\r\n");
                at += count;
            }
            return out.append(dice.chance(0.1) ? "0\r\nX-Trailer: t\r\n\r\n" : "0\r\n\r\n")
                    .toString();
        }

        private int status() {
            return switch (path.kind()) {
                case EMPTY -> 204;
                case FAIL -> 500;
                default -> 200;
            };
        }

        private @Nullable String answer() {
            byte[] content = body == null ? new byte[0] : body;
            if (method.equals("HEAD") || path.kind() == Kind.EMPTY) {
                return "";
            }
            return switch (path.kind()) {
                case FAIL -> null;
                case ECHO -> latin(content);
                case COUNT -> Bodies.summary(content.length, Bodies.hash(content));
                default -> latin(Bodies.make(path.length(), path.salt()));
            };
        }

        private Ending ending() {
            boolean streams = path.kind() == Kind.PULLED || path.kind() == Kind.STREAMED;
            boolean endless = streams && !path.statesLength() && old && !method.equals("HEAD");
            if (!keepAlive || path.kind() == Kind.CLOSE || endless) {
                return Ending.CLOSES;
            }
            byte[] content = body;
            boolean mayBeTooLong = path.kind() == Kind.IGNORE && content != null && content.length > DISCARD_BYTES;
            return mayBeTooLong ? Ending.EITHER : Ending.STAYS;
        }
    }
}

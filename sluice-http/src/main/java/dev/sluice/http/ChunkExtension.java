package dev.sluice.http;

/**
 * The grammar of chunk extensions (RFC 9112 section 7.1.1), byte by byte, so that no quoted string can hide a line's end
 * from one recipient and show it to another: {@code *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )}.
 */
final class ChunkExtension {
    private enum State {
        /** Behind the size: blanks, then a semicolon. */
        SIZE,
        NAME_START,
        NAME,
        /** Blanks behind a name: an equals sign or a semicolon must follow. */
        NAME_END,
        VALUE_START,
        TOKEN,
        QUOTED,
        ESCAPED,
        /** Directly behind a closing quote. */
        QUOTED_END,
        /** Blanks behind a value: a semicolon must follow. */
        VALUE_END
    }

    private State state = State.SIZE;

    void begin() {
        state = State.SIZE;
    }

    /** Whether the line may end here. */
    boolean mayEnd() {
        return switch (state) {
            case NAME, TOKEN, QUOTED_END -> true;
            default -> false;
        };
    }

    /** Takes a byte other than CR; false where it is out of place. */
    boolean take(int c) {
        boolean blank = c == ' ' || c == '\t';
        switch (state) {
            case SIZE:
                return blank || c == ';' && to(State.NAME_START);
            case NAME_START:
                return blank || Chars.TOKEN[c] && to(State.NAME);
            case NAME:
                return Chars.TOKEN[c] || blank && to(State.NAME_END) || afterName(c);
            case NAME_END:
                return blank || afterName(c);
            case VALUE_START:
                return blank || c == '"' && to(State.QUOTED) || Chars.TOKEN[c] && to(State.TOKEN);
            case TOKEN:
                return Chars.TOKEN[c] || blank && to(State.VALUE_END) || c == ';' && to(State.NAME_START);
            case QUOTED:
                if (c == '"') {
                    return to(State.QUOTED_END);
                }
                return c == '\\' ? to(State.ESCAPED) : isText(c);
            case ESCAPED:
                return isText(c) && to(State.QUOTED);
            default:
                return blank && to(State.VALUE_END) || c == ';' && to(State.NAME_START);
        }
    }

    private boolean afterName(int c) {
        return c == '=' && to(State.VALUE_START) || c == ';' && to(State.NAME_START);
    }

    private static boolean isText(int c) {
        return c == '\t' || c >= ' ' && c != 0x7F;
    }

    private boolean to(State next) {
        state = next;
        return true;
    }
}

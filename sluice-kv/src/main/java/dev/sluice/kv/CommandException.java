package dev.sluice.kv;

/** A command's refusal: its message is the error that the client is told, code and all. Has no stack: it is an answer. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    static final String NOT_A_FLOAT = "ERR value is not a valid float";
    static final String SYNTAX = "ERR syntax error";
    static final String WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
    static final String NO_SUCH_KEY = "ERR no such key";
    static final String OVERFLOW = "ERR increment or decrement would overflow";
    static final String OUT_OF_RANGE = "ERR value is out of range";
    static final String TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

    CommandException(String message) {
        super(message, null, false, false);
    }

    /** Of a command whose arguments don't come in the numbers that it takes. */
    static CommandException arity(String command) {
        return new CommandException("ERR wrong number of arguments for '" + command + "' command");
    }

    static CommandException invalidExpiry(String command) {
        return new CommandException("ERR invalid expire time in '" + command + "' command");
    }

    String text() {
        return String.valueOf(getMessage());
    }
}

package dev.sluice.conformance;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A session made of a few steps. Without any it reads all, ends when its peer does, and says {@code closed KIND} at
 * last.
 */
class Actor implements Session {
    /** A callback. */
    interface Step {
        void run() throws Exception;
    }

    /** Takes input. */
    interface Taker {
        void take(ByteBuffer input) throws Exception;
    }

    protected final Connection connection;
    protected final Trace trace;

    private Step opened = () -> {};
    private Taker received = Actor::skip;
    private Step drained = () -> {};
    private Step ended;
    private Step stopping = () -> {};
    private Step closed = () -> {};

    Actor(Connection connection, Trace trace) {
        this.connection = connection;
        this.trace = trace;
        this.ended = connection::end;
    }

    Actor onOpened(Step step) {
        opened = step;
        return this;
    }

    Actor onReceived(Taker taker) {
        received = taker;
        return this;
    }

    /** Takes input one byte at a time: a command each. */
    Actor onCommand(Command command) {
        return onReceived(input -> {
            while (input.hasRemaining()) {
                command.run((char) input.get());
            }
        });
    }

    /** Answers a command of one byte. */
    interface Command {
        void run(char name) throws Exception;
    }

    Actor onDrained(Step step) {
        drained = step;
        return this;
    }

    Actor onEnded(Step step) {
        ended = step;
        return this;
    }

    Actor onStopping(Step step) {
        stopping = step;
        return this;
    }

    Actor onClosed(Step step) {
        closed = step;
        return this;
    }

    @Override
    public void opened() throws Exception {
        opened.run();
    }

    @Override
    public void received(ByteBuffer input) throws Exception {
        received.take(input);
    }

    @Override
    public void drained() throws Exception {
        drained.run();
    }

    @Override
    public void ended() throws Exception {
        ended.run();
    }

    @Override
    public void stopping() throws Exception {
        stopping.run();
    }

    @Override
    public void closed(Cause cause) throws Exception {
        trace.say("closed " + cause.kind());
        closed.run();
    }

    /** Writes text; what {@code write} answered. */
    static boolean write(Connection connection, String text) {
        return connection.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Reads all there is. */
    static String text(ByteBuffer input) {
        byte[] bytes = new byte[input.remaining()];
        input.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static void skip(ByteBuffer input) {
        input.position(input.limit());
    }

    /** Sends back what comes; while that is more than its peer takes, nothing more is offered. */
    static Actor echo(Connection connection, Trace trace) {
        return new Actor(connection, trace).onReceived(connection::write);
    }
}

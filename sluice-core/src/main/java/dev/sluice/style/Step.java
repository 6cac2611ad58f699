package dev.sluice.style;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One step of a session that is written as callbacks: what it reads, and what is done with that. Steps are made once for a
 * connection, when its session is opened, and are used again for each request, so that a request allocates nothing. Each
 * stands in one place of one session.
 */
public final class Step {
    /** What is done with bytes that were read. */
    @FunctionalInterface
    public interface Action {
        /**
         * Takes what a step has read.
         *
         * @param bytes without the delimiter; lent for the length of this call
         */
        void run(ByteBuffer bytes) throws Exception;
    }

    /** As an action, and says where to go on. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Takes what a step has read.
         *
         * @param bytes without the delimiter; lent for the length of this call
         * @return the step that follows; null goes on with what follows this step
         */
        @Nullable
        Step run(ByteBuffer bytes) throws Exception;
    }

    /** What a step does when it is entered. */
    enum Kind {
        READ_UNTIL,
        READ_EXACTLY,
        READ_SOME,
        HOLD,
        END
    }

    private static final Choice SKIP = bytes -> null;
    private static final byte[] NONE = {};

    final Kind kind;
    private final byte[] delimiter;
    private final IntSupplier count;
    final @Nullable Origin origin;
    private Choice choice = SKIP;
    private @Nullable Step next;

    private Step(Kind kind, byte[] delimiter, IntSupplier count, String name) {
        this.kind = kind;
        this.delimiter = delimiter;
        this.count = count;
        this.origin = Origin.of(name);
    }

    /**
     * Reads up to a delimiter, which is taken off.
     *
     * @param delimiter one byte or more, as ISO 8859-1
     * @param most bytes in front of it; where more come the session is told, see {@link Steps#tooLong}
     */
    public static Step readUntil(String delimiter, int most) {
        return new Step(Kind.READ_UNTIL, delimiter.getBytes(StandardCharsets.ISO_8859_1), () -> most, "readUntil");
    }

    /** Reads so many bytes. */
    public static Step readExactly(int count) {
        return readExactly(() -> count);
    }

    /** Reads as many bytes as the supplier says when the step is entered: a length that was read before. */
    public static Step readExactly(IntSupplier count) {
        return new Step(Kind.READ_EXACTLY, NONE, count, "readExactly");
    }

    /** Reads what is there, a byte at least. */
    public static Step readSome() {
        return new Step(Kind.READ_SOME, NONE, () -> Integer.MAX_VALUE, "readSome");
    }

    /** Reads nothing, and goes on when the session is told to {@link Steps#proceed}: an answer has come from elsewhere. */
    public static Step hold() {
        return new Step(Kind.HOLD, NONE, () -> 0, "hold");
    }

    /** Sends what was written, and closes the connection. */
    public static Step end() {
        return new Step(Kind.END, NONE, () -> 0, "end");
    }

    /** What is done with the bytes; this step. */
    public Step then(Action action) {
        return choose(bytes -> {
            action.run(bytes);
            return null;
        });
    }

    /** What is done with the bytes, and what follows; this step. */
    public Step choose(Choice what) {
        if (choice != SKIP) {
            throw new IllegalStateException(
                    "this step has something to do already: make another one, and chain the two");
        }
        choice = what;
        return this;
    }

    /** The steps one after another; the first. Behind the last the connection ends. */
    public static Step sequence(Step... steps) {
        for (int i = 1; i < steps.length; i++) {
            steps[i - 1].last().link(steps[i]);
        }
        return steps[0];
    }

    /** The steps one after another, and over again; the first. */
    public static Step loop(Step... steps) {
        Step first = sequence(steps);
        steps[steps.length - 1].last().link(first);
        return first;
    }

    private Step last() {
        Step last = this;
        while (last.next != null) {
            last = last.next;
            if (last == this) {
                throw new IllegalStateException("nothing can follow a loop: let a step of it choose where to go on");
            }
        }
        return last;
    }

    private void link(Step following) {
        next = following;
    }

    // ---- for the session

    /** Says what this step reads. */
    void want(Intake intake) {
        switch (kind) {
            case READ_UNTIL -> intake.wantUntil(delimiter, count.getAsInt());
            case READ_EXACTLY -> intake.wantExactly(count.getAsInt());
            case READ_SOME -> intake.wantSome(Integer.MAX_VALUE);
            case HOLD, END -> intake.wantNothing();
        }
    }

    /** Does what is to be done; the step that follows, null at the end. */
    @Nullable
    Step run(ByteBuffer bytes) throws Exception {
        try {
            Step chosen = choice.run(bytes);
            return chosen == null ? next : chosen;
        } catch (Throwable e) {
            Origin.attach(e, origin);
            throw e;
        }
    }

    @Nullable
    Step next() {
        return next;
    }
}

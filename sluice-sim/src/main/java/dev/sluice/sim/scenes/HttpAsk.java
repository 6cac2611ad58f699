package dev.sluice.sim.scenes;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes over the wire, and what must come back. In its texts a char is a byte.
 *
 * @param name for the story
 * @param head its bytes up to the body
 * @param body its bytes from there on, framing included
 * @param awaitsContinue whether the body is sent only when the server has said 100
 * @param toHead whether it is a HEAD request
 * @param statuses what the answer may say; none where no answer may come, but the end
 * @param answer the answer's body, or null where it may be anything
 * @param ending what becomes of the connection
 * @param leavesBody whether the server may close without having read the body, which can reset the connection
 * @param check judges the answer in the place of {@code statuses} and {@code answer}, or null
 */
record HttpAsk(
        String name,
        String head,
        String body,
        boolean awaitsContinue,
        boolean toHead,
        List<Integer> statuses,
        @Nullable String answer,
        Ending ending,
        boolean leavesBody,
        @Nullable Check check) {
    /** So much of an answer that is wrong is told. */
    private static final int WORDS = 100;

    /** What becomes of a connection behind an answer. */
    enum Ending {
        /** It lives on. */
        STAYS,
        /** It says that it closes, and does. */
        CLOSES,
        /** It may do either, and also close without a word. */
        EITHER,
        /** It closes; and an answer need not come. */
        CLOSES_OR_ENDS
    }

    /** What an answer may be where that depends on what happens meanwhile. */
    interface Check {
        /** The request is on its way from now on. */
        void asked();

        /** Why an answer is not one that may come, or null. */
        @Nullable
        String differs(HttpAnswer given);

        /** Whether the connection may end, or break, without an answer or in the midst of it. */
        boolean mayEnd();
    }

    /** One that knows beforehand what must come. */
    HttpAsk(
            String name,
            String head,
            String body,
            boolean awaitsContinue,
            boolean toHead,
            List<Integer> statuses,
            @Nullable String answer,
            Ending ending,
            boolean leavesBody) {
        this(name, head, body, awaitsContinue, toHead, statuses, answer, ending, leavesBody, null);
    }

    /** Whether the connection may end, or break, instead of an answer. */
    boolean mayEnd() {
        return check != null && check.mayEnd();
    }

    /** Bytes that are no request, or only the beginning of one. */
    static HttpAsk raw(String name, String bytes, Ending ending, Integer... statuses) {
        return new HttpAsk(name, bytes, "", false, false, List.of(statuses), null, ending, true);
    }

    /** Why an answer is not the one that must come, or null. */
    @Nullable
    String differs(HttpAnswer given) {
        if (check != null) {
            return check.differs(given);
        }
        if (!statuses.contains(given.status())) {
            String says = given.body()
                    .substring(0, Math.min(WORDS, given.body().length()))
                    .strip();
            return "has status " + given.status() + " where it must be " + statuses + " (" + says + ")";
        }
        if (answer == null || answer.equals(given.body())) {
            return null;
        }
        int same = 0;
        while (same < Math.min(answer.length(), given.body().length())
                && answer.charAt(same) == given.body().charAt(same)) {
            same++;
        }
        return "has another body than it must have, from byte " + same + " of " + answer.length() + " on";
    }
}

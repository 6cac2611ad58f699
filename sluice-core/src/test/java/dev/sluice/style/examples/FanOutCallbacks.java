package dev.sluice.style.examples;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.Step;
import dev.sluice.style.Steps;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks two back ends each line at once, and answers with what both say, in callbacks. */
public final class FanOutCallbacks implements Service {
    private final SocketAddress first;
    private final SocketAddress second;
    private final Duration deadline;

    public FanOutCallbacks(SocketAddress first, SocketAddress second, Duration deadline) {
        this.first = first;
        this.second = second;
        this.deadline = deadline;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        return new ClientSide(connection);
    }

    /** The side of who asks: a line, then the wait for its answer, and so on. */
    private final class ClientSide extends Steps {
        private @Nullable Question asked;

        ClientSide(Connection connection) {
            super(connection);
            begin(Step.loop(Step.readUntil("\n", 1024).then(this::ask), Step.hold()));
        }

        private void ask(ByteBuffer line) {
            Question question = new Question(connection(), this, StandardCharsets.ISO_8859_1.decode(line) + "\n");
            asked = question;
            question.ask(first, 0);
            question.ask(second, 1);
            question.timer = connection().after(deadline.toNanos(), () -> question.answer("a back end is slow"));
        }

        private void answer(String text) {
            asked = null;
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.ISO_8859_1);
            connection().write(bytes, 0, bytes.length);
            proceed();
        }

        @Override
        public void closed(Cause cause) {
            if (asked != null) {
                asked.giveUp();
            }
        }
    }

    /** What is asked of both back ends. */
    private static final class Question {
        private final Connection owner;
        private final ClientSide client;
        private final String text;
        private final String[] answers = new String[2];
        private final @Nullable Connection[] backEnds = new Connection[2];
        private int missing = 2;
        private boolean over;
        private Connection.@Nullable Timer timer;

        Question(Connection owner, ClientSide client, String text) {
            this.owner = owner;
            this.client = client;
            this.text = text;
        }

        void ask(SocketAddress backEnd, int index) {
            Client.dial(owner, backEnd, connection -> {
                backEnds[index] = connection;
                return new BackEndSide(connection, this, index);
            });
        }

        void answered(int index, String answer) {
            answers[index] = answer;
            if (--missing == 0) {
                answer(answers[0] + " " + answers[1]);
            }
        }

        void answer(String answer) {
            if (!over) {
                giveUp();
                client.answer(answer);
            }
        }

        /** Nobody waits any more. */
        void giveUp() {
            over = true;
            if (timer != null) {
                timer.cancel();
            }
            for (Connection backEnd : backEnds) {
                if (backEnd != null) {
                    backEnd.abort();
                }
            }
        }
    }

    /** The side of one back end. */
    private static final class BackEndSide extends Steps {
        private final Question question;
        private boolean answered;

        BackEndSide(Connection connection, Question question, int index) {
            super(connection);
            this.question = question;
            begin(Step.readUntil("\n", 1024).then(line -> {
                answered = true;
                question.answered(
                        index, StandardCharsets.ISO_8859_1.decode(line).toString());
            }));
            byte[] bytes = question.text.getBytes(StandardCharsets.ISO_8859_1);
            connection.write(bytes, 0, bytes.length);
        }

        @Override
        public void closed(Cause cause) {
            if (!answered) {
                question.answer("a back end failed");
            }
        }
    }
    // example:end
}

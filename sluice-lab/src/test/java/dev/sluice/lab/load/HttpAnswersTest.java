package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.load.Answers.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of answers: every split, every framing, and what hostile servers send. */
class HttpAnswersTest {
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String CHUNKS =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: v\r\n\r\n";

    private static ByteBuffer bytes(String text) {
        byte[] array = text.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocateDirect(array.length).put(array).flip();
    }

    /** Reads answers until the input is used up or one is broken. */
    private static List<Outcome> readAll(Answers answers, ByteBuffer input) {
        List<Outcome> outcomes = new ArrayList<>();
        while (input.hasRemaining()) {
            Outcome outcome = answers.read(input, 0);
            if (outcome != Outcome.MORE) {
                outcomes.add(outcome);
            }
            if (outcome == Outcome.BROKEN) {
                return outcomes;
            }
        }
        return outcomes;
    }

    static Stream<String> wholeAnswers() {
        return Stream.of(
                HELLO,
                CHUNKS,
                "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n",
                "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO,
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("wholeAnswers")
    void isReadAtEverySplit(String answer) {
        for (int split = 0; split <= answer.length(); split++) {
            Answers answers = new HttpAnswers(1);
            // Twice, so that the second meets a head that is known.
            for (int round = 0; round < 2; round++) {
                ByteBuffer first = bytes(answer.substring(0, split));
                ByteBuffer rest = bytes(answer.substring(split) + HELLO);
                List<Outcome> outcomes = readAll(answers, first);
                assertThat(first.hasRemaining()).isFalse();
                assertThat(outcomes).isEqualTo(split == answer.length() ? List.of(Outcome.COMPLETE) : List.of());
                assertThat(answers.begun() || split == 0 || split == answer.length() || answer.contains(" 100 "))
                        .as("split at %s", split)
                        .isTrue();
                outcomes.addAll(readAll(answers, rest));
                assertThat(outcomes).as("split at %s", split).containsExactly(Outcome.COMPLETE, Outcome.COMPLETE);
                assertThat(answers.begun()).isFalse();
                assertThat(answers.last()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("wholeAnswers")
    void isReadByteByByte(String answer) {
        Answers answers = new HttpAnswers(1);
        int complete = 0;
        for (char c : (answer + answer).toCharArray()) {
            complete += readAll(answers, bytes(String.valueOf(c))).size();
        }
        assertThat(complete).isEqualTo(2);
    }

    @Test
    void pipelinedAnswersComeOneByOne() {
        ByteBuffer input = bytes(HELLO.repeat(16));

        assertThat(readAll(new HttpAnswers(1), input)).hasSize(16).containsOnly(Outcome.COMPLETE);
    }

    @Test
    void aHeadThatChangesInOneByteIsReadAgain() {
        Answers answers = new HttpAnswers(1);
        assertThat(readAll(answers, bytes(HELLO + HELLO))).containsExactly(Outcome.COMPLETE, Outcome.COMPLETE);

        String other = HELLO.replace("5\r", "3\r").replace("hello", "abc");
        assertThat(readAll(answers, bytes(other + HELLO))).containsExactly(Outcome.COMPLETE, Outcome.COMPLETE);
        assertThat(readAll(answers, bytes(HELLO.replace("200", "503")))).containsExactly(Outcome.REFUSED);
        assertThat(readAll(answers, bytes(HELLO))).containsExactly(Outcome.COMPLETE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "404 Not Found", "500 Oh", "599 x"})
    void statusOfAnErrorRefusesAfterTheWholeAnswer(String status) {
        Answers answers = new HttpAnswers(1);
        ByteBuffer input = bytes(HELLO.replace("200 OK", status) + HELLO);

        assertThat(readAll(answers, input)).containsExactly(Outcome.REFUSED, Outcome.COMPLETE);
        assertThat(answers.problem()).isEqualTo("status " + status.substring(0, 3));
    }

    @Test
    void answerUntilTheEndOfTheConnection() {
        Answers answers = new HttpAnswers(1);

        assertThat(readAll(answers, bytes("HTTP/1.1 200 OK\r\n\r\nas long as it takes")))
                .isEmpty();
        assertThat(answers.ended()).isEqualTo(Outcome.COMPLETE);
        assertThat(answers.last()).isTrue();
    }

    @Test
    void answerThatEndsEarlyIsBroken() {
        for (int cut = 1; cut < HELLO.length(); cut++) {
            Answers answers = new HttpAnswers(1);
            assertThat(readAll(answers, bytes(HELLO.substring(0, cut)))).isEmpty();
            assertThat(answers.begun()).isTrue();
            assertThat(answers.ended()).as("cut at %s", cut).isEqualTo(Outcome.BROKEN);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            })
    void sayThatTheConnectionEnds(String answer) {
        Answers answers = new HttpAnswers(1);

        assertThat(readAll(answers, bytes(answer))).containsExactly(Outcome.COMPLETE);
        assertThat(answers.last()).isTrue();
        answers.reset();
        assertThat(answers.last()).isFalse();
    }

    static Stream<String> hostileAnswers() {
        String ok = "HTTP/1.1 200 OK\r\n";
        String chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                "SSH-2.0-OpenSSH_9.6\r\n\r\n",
                "\r\n\r\n",
                "HTTP/2.0 200 OK\r\n\r\n",
                "HTTP/1.1 2x0 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 200OK\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                ok + "Content-Length: -1\r\n\r\n",
                ok + "Content-Length: 5, 5\r\n\r\n",
                ok + "Content-Length:\r\n\r\n",
                ok + "Content-Length: 99999999999999999999\r\n\r\n",
                ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
                ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                ok + "Transfer-Encoding: gzip\r\n\r\n",
                ok + "Transfer-Encoding: chunked, gzip\r\n\r\n",
                ok + "no colon\r\n\r\n",
                ok + ": no name\r\n\r\n",
                ok + "A: b\r\n folded\r\n\r\n",
                ok + "Content-Length : 5\r\n\r\n",
                chunked + "\r\n",
                chunked + "g\r\n",
                chunked + "-1\r\n",
                chunked + "5x\r\n",
                chunked + "1234567890abcdef0\r\n",
                chunked + "3\r\nabcd\r\n",
                chunked + "3\r\nabc\rx",
                chunked + "3;" + "x".repeat(5000) + "\r\n",
                chunked + "0\r\n" + "T: v\r\n".repeat(20_000),
                ok + "A: " + "b".repeat(70_000));
    }

    @ParameterizedTest
    @MethodSource("hostileAnswers")
    void nonsenseIsBrokenAndSaysWhy(String answer) {
        Answers whole = new HttpAnswers(1);
        assertThat(readAll(whole, bytes(answer))).containsExactly(Outcome.BROKEN);
        assertThat(whole.problem()).isNotBlank().hasSizeLessThan(120).matches("[\\x20-\\x7e]+");

        Answers bitwise = new HttpAnswers(1);
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < answer.length() && outcomes.isEmpty(); i++) {
            outcomes.addAll(readAll(bitwise, bytes(answer.substring(i, i + 1))));
        }
        assertThat(outcomes).containsExactly(Outcome.BROKEN);
    }
}

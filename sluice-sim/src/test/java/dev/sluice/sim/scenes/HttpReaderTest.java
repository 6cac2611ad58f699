package dev.sluice.sim.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the scene's clients take for an answer, and what they don't. */
class HttpReaderTest {
    private static final String DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\n" + DATE;

    private final List<HttpAnswer> answers = new ArrayList<>();
    private boolean toHead;
    private final HttpReader reader = new HttpReader(status -> toHead, answers::add);

    private static HttpAnswer answer(int status, String body, boolean closing, long statedLength) {
        return new HttpAnswer(status, body, closing, statedLength, Map.of());
    }

    private void read(String text, int piece) throws HttpReader.Malformed {
        for (int at = 0; at < text.length(); at += piece) {
            String some = text.substring(at, Math.min(text.length(), at + piece));
            reader.receive(some.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void readsAnswersInPieces(int piece) throws HttpReader.Malformed {
        read(
                "HTTP/1.1 100 Continue\r\n\r\n"
                        + OK + "Content-Length: 5\r\n\r\nhello"
                        + OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n"
                        + "HTTP/1.1 204 No Content\r\n" + DATE + "\r\n"
                        + OK + "Connection: close\r\n\r\nuntil the end",
                piece);
        assertThat(reader.isBetweenAnswers()).isFalse();
        assertThat(reader.ended()).isTrue();
        assertThat(answers)
                .containsExactly(
                        answer(100, "", false, -1),
                        answer(200, "hello", false, 5),
                        answer(200, "ab0123456789", false, -1),
                        answer(204, "", false, -1),
                        answer(200, "until the end", true, -1));
    }

    @Test
    void tellsTheFieldsThatDoNotConcernTheConnection() throws HttpReader.Malformed {
        read(OK + "ETag: \"x\"\r\nContent-Length: 2\r\nVary: a\r\nvary: b\r\n\r\nok", 3);
        assertThat(answers)
                .containsExactly(new HttpAnswer(200, "ok", false, 2, Map.of("etag", "\"x\"", "vary", "a, b")));
    }

    @Test
    void anAnswerToHeadHasNoBody() throws HttpReader.Malformed {
        toHead = true;
        read(OK + "Content-Length: 5\r\n\r\n" + OK + "Transfer-Encoding: chunked\r\n\r\n", 1000);
        assertThat(answers).containsExactly(answer(200, "", false, 5), answer(200, "", false, -1));
    }

    @Test
    void anEndInTheMidstOfAnAnswerIsNoGoodEnd() throws HttpReader.Malformed {
        read(OK + "Content-Length: 5\r\n\r\nhell", 1000);
        assertThat(reader.ended()).isFalse();
        assertThat(answers).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.0 200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                OK + "\r\n",
                OK + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
                OK + "Content-Length: -1\r\n\r\n",
                OK + "Content-Length: 01\r\n\r\n",
                OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                OK + "Transfer-Encoding: gzip\r\n\r\n",
                OK + "Bad Name: 1\r\n\r\n",
                OK + "Connection: perhaps\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n" + DATE + "Content-Length: 0\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n" + DATE + "\r\n",
                OK + "Transfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n",
                OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
                OK + "Transfer-Encoding: chunked\r\n\r\n02\r\nab\r\n0\r\n\r\n",
                OK + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
            })
    void whatIsNoAnswer(String text) {
        assertThatThrownBy(() -> read(text, 1000)).isInstanceOf(HttpReader.Malformed.class);
    }
}

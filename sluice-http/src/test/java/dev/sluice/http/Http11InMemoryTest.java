package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases of {@code http11.json} on a session alone. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class Http11InMemoryTest {
    static List<Http11Case> cases() {
        return Http11Case.load();
    }

    private static RawResponse ask(Http11Case probe, int pieceBytes) throws Exception {
        TestConnection connection = new TestConnection(HttpService.reflect().build());
        byte[] request = probe.requestTo("127.0.0.1:8080");
        for (int at = 0; at < request.length && !connection.isClosed(); at += pieceBytes) {
            int end = Math.min(request.length, at + pieceBytes);
            connection.send(Arrays.copyOfRange(request, at, end));
        }
        return RawResponse.of(
                connection.outputBytes(), connection.isClosed(), probe.id().equals("COMP-HEAD-NO-BODY"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredAsExpected(Http11Case probe) throws Exception {
        RawResponse answer = ask(probe, 60_000);
        Http11Case.Verdict verdict = probe.judge(answer);
        if (Http11Probe.ANSWERED_OTHERWISE.containsKey(probe.id())) {
            assertThat(verdict).isEqualTo(Http11Case.Verdict.FAIL);
        } else {
            assertThat(verdict).as(answer.toString()).isNotEqualTo(Http11Case.Verdict.FAIL);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredTheSameInPieces(Http11Case probe) throws Exception {
        RawResponse whole = ask(probe, 60_000);
        RawResponse pieces = ask(probe, probe.request().length > 10_000 ? 4_999 : 1);
        assertThat(pieces.status()).isEqualTo(whole.status());
        assertThat(pieces.body()).isEqualTo(whole.body());
        assertThat(pieces.closed()).isEqualTo(whole.closed());
    }

    @Test
    void warningsAreFew() throws Exception {
        int warnings = 0;
        for (Http11Case probe : cases()) {
            warnings += probe.judge(ask(probe, 60_000)) == Http11Case.Verdict.WARN ? 1 : 0;
        }
        assertThat(cases()).hasSize(102);
        assertThat(warnings).isLessThanOrEqualTo(13);
        assertThat(new String(cases().getFirst().request(), StandardCharsets.ISO_8859_1))
                .contains("{host}");
    }
}

package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for parts of a file. */
class ByteRangesTest extends StaticFilesFrame {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, a, 0-0",
        "bytes=0-25, abcdefghijklmnopqrstuvwxyz, 0-25",
        "bytes=23-, xyz, 23-25",
        "bytes=-3, xyz, 23-25",
        "bytes=-99, abcdefghijklmnopqrstuvwxyz, 0-25",
        "bytes=23-99, xyz, 23-25",
        "bytes=25-9223372036854775807, z, 25-25",
        "bytes=25-99999999999999999999999999, z, 25-25",
        "bytes=-99999999999999999999999999, abcdefghijklmnopqrstuvwxyz, 0-25",
        "BYTES=1-2, bc, 1-2",
        "'bytes= 1-2 ,', bc, 1-2",
        "'bytes=1-2,99-', bc, 1-2",
        "'bytes=99-,1-2,-0', bc, 1-2",
    })
    void sendsOneRange(String range, String body, String positions) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes " + positions + "/26");
        assertThat(answer.headers().contains("ETag")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=a-b",
                "bytes=1",
                "bytes=2-1",
                "bytes=1-2-3",
                "bytes=--1",
                "bytes=+1-2",
                "bytes=1 - 2",
                "items=0-1",
                "bytes 0-1",
                "bytes=0-1;2-3",
                "bytes=0-1,2-1",
                "bytes=0x0-1",
                "bytes=1-2,x",
                "bytes=0-,0-",
                "bytes=0-10,5-15",
                "bytes=-5,-3",
                "bytes=0-0,0-0",
                "bytes=5-,-1",
            })
    void ignoresRangesThatAreMalformedOrOverlap(String range) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(ALPHABET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=26-", "bytes=26-27", "bytes=-0", "bytes=99999999999999999999-", "bytes=26-,100-200"})
    void refusesRangesBehindTheEnd(String range) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status()).isEqualTo(416);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes */26");
    }

    @Test
    void anEmptyFileHasNoRange() {
        assertThat(get("/empty.txt", "Range: bytes=0-").status()).isEqualTo(416);
        assertThat(get("/empty.txt", "Range: bytes=-1").status()).isEqualTo(200);
    }

    @Test
    void sendsSeveralRangesInTheirOrder() {
        Answer answer = get("/alphabet", "Range: bytes=20-21, 0-1,-2");
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.headers().contains("Content-Range")).isFalse();
        assertThat(answer.header("Content-Type")).startsWith("multipart/byteranges; boundary=");
        String mark = "\r\n--" + answer.header("Content-Type").substring("multipart/byteranges; boundary=".length());
        String type = "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ";
        assertThat(answer.body())
                .isEqualTo(mark + type + "20-21/26\r\n\r\nuv" + mark + type + "0-1/26\r\n\r\nab" + mark + type
                        + "24-25/26\r\n\r\nyz" + mark + "--\r\n");
    }

    @Test
    void sendsTheWholeFileForTooManyRanges() {
        StringBuilder some = new StringBuilder("Range: bytes=0-0");
        for (int i = 1; i < ByteRanges.LIMIT; i++) {
            some.append(',').append(2 * i).append('-').append(2 * i);
        }
        assertThat(get("/large.bin", some.toString()).status()).isEqualTo(206);
        assertThat(get("/large.bin", some + ",1000-1000").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TAG|206",
                "W/TAG|200",
                "\"x\"|200",
                MODIFIED_TEXT + "|206",
                LATER + "|200",
                EARLIER + "|200",
                "nonsense|200",
            })
    void aRangeMayDependOnTheFileBeingTheSame(String ifRange, int expected) {
        assertThat(status("Range: bytes=0-1", "If-Range: " + ifRange)).isEqualTo(expected);
        assertThat(status("Range: bytes=99-", "If-Range: " + ifRange)).isEqualTo(expected == 206 ? 416 : 200);
    }

    @Test
    void aDateOfThisSecondIsNoStrongValidator() {
        files.put("fresh", ALPHABET, NOW);
        Answer fresh = get("/fresh");
        assertThat(get("/fresh", "Range: bytes=0-1", "If-Range: " + fresh.header("Last-Modified"))
                        .status())
                .isEqualTo(200);
        assertThat(get("/fresh", "Range: bytes=0-1", "If-Range: " + fresh.header("ETag"))
                        .status())
                .isEqualTo(206);
    }
}

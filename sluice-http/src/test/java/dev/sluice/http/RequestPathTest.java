package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.RequestPath.Inside;
import dev.sluice.http.RequestPath.Refused;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/|''|true",
                "/a|a|false",
                "/a/|a|true",
                "/a/b.txt|a/b.txt|false",
                "/a/b/|a/b|true",
                "/a%20b|a b|false",
                "/%61%62c|abc|false",
                "/a%2Eb|a.b|false",
                "/a..b/c..|a..b/c..|false",
                "/a...|a...|false",
                "/a;v=1/b;jsessionid=2|a;v=1/b;jsessionid=2|false",
                "/a%3Bb|a;b|false",
                "/a+b|a+b|false",
                "/a%3Fb%23c|a?b#c|false",
                "/100%25|100%|false",
                "/a%252fb|a%2fb|false",
                "/%c3%bc/%E2%98%83|ü/☃|false",
                "/~user/$x,y=!*'()@:&|~user/$x,y=!*'()@:&|false",
                "/C:x|C:x|false",
            })
    void namesWhatItSays(String raw, String relative, boolean directory) {
        assertThat(RequestPath.parse(raw)).isEqualTo(new Inside(relative, directory));
    }

    @Test
    void takesRawBytesForWhatTheyAre() {
        String raw = new String("/ü☃".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(RequestPath.parse(raw)).isEqualTo(new Inside("ü☃", false));
    }

    /** What is spelled so can exist on no disk that is served, and is decoded once only: a name like any other. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%252e%252e/%252e%252e/etc/passwd",
                "/%25%32%65%25%32%65/etc/passwd",
                "/%252e%252e%252fetc%252fpasswd",
                "/a%255c..%255cetc",
                "/%2500",
            })
    void decodesOnce(String raw) {
        assertThat(RequestPath.parse(raw))
                .isInstanceOfSatisfying(
                        Inside.class,
                        inside -> assertThat(inside.relative())
                                .contains("%")
                                .doesNotContain("\0", "\\")
                                .doesNotStartWith("."));
    }

    static List<String> traversals() {
        List<String> all = new ArrayList<>();
        String[] ups = {"..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", ".%2E", "%2E."};
        String[] slashes = {"/", "%2f", "%2F", "\\", "%5c", "%5C"};
        String[] before = {"/", "/a/", "/a/b/", "//", "/./", "/%2e/"};
        for (String start : before) {
            for (String up : ups) {
                all.add(start + up);
                for (String slash : slashes) {
                    all.add(start + up + slash);
                    all.add(start + up + slash + "etc/passwd");
                    all.add(start + up + slash + up + slash + "etc" + slash + "passwd");
                    all.add(start + "x" + slash + up + slash + up + slash + "etc/passwd");
                }
            }
        }
        return all;
    }

    @Test
    void refusesEveryWayUp() {
        List<String> all = traversals();
        assertThat(all).hasSizeGreaterThan(1000);
        for (String raw : all) {
            assertThat(RequestPath.parse(raw)).as(raw).isInstanceOf(Refused.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.",
                "/..",
                "/./",
                "/../",
                "/...",
                "/.../",
                "/....//",
                "/.git/config",
                "/.htaccess",
                "/a/.env",
                "/%2egit/HEAD",
                "/.%00/",
                "/..;/manager",
                "/..;a=b/",
                "/.;/x",
                "/%2e%2e;/x",
                "/..%3b/x",
                "/.. /x",
                "/..%20/",
                "/..%2f",
                "/..%01",
            })
    void refusesDotNames(String raw) {
        assertThat(RequestPath.parse(raw)).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//",
                "//a",
                "/a//b",
                "/a//",
                "///",
                "//server/share",
                "//evil.example/%2e%2e",
                "/a%2fb",
                "/a%2Fb",
                "/%2f",
                "/%2fetc%2fpasswd",
                "/C:/Windows",
                "/c:",
                "/C%3a/x",
                "/a/D:/x"
            })
    void doesNotShow(String raw) {
        assertThat(RequestPath.parse(raw)).isEqualTo(RequestPath.NOT_SHOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a%00",
                "/a%00.html",
                "/%00",
                "/a/%00/b",
                "/a\\b",
                "/a%5cb",
                "/a%5Cb",
                "/%5c%5cserver%5cshare",
                "/\\\\server\\share",
                "/a%0d%0ab",
                "/a%09",
                "/a%7f",
                "/a%1b",
                "/a%c2%85",
                "/a%0a",
            })
    void refusesCharactersThatNoNameHolds(String raw) {
        assertThat(RequestPath.parse(raw)).isEqualTo(RequestPath.BAD_CHARACTER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%",
                "/a%",
                "/a%2",
                "/%2/",
                "/%g0",
                "/%0g",
                "/%u002e%u002e/",
                "/%u2215",
                "/%-1",
                "/%+1",
                "/% 1",
                "/a%2/b",
                "/%%32%65",
                "/%%2e",
                "/%x41",
            })
    void refusesBrokenEscapes(String raw) {
        assertThat(RequestPath.parse(raw)).isEqualTo(RequestPath.BAD_ESCAPE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
                "/%c0%af",
                "/..%c0%af..",
                "/%e0%80%ae",
                "/%f0%80%80%ae",
                "/%c1%9c",
                "/%ed%a0%80",
                "/%ff",
                "/%fe",
                "/%80",
                "/%c3",
                "/%c3/%bc",
                "/%f8%80%80%80%ae",
                "/\u00ff",
                "/%f4%90%80%80",
                "/%c0%80",
            })
    void refusesWhatIsNoUtf8(String raw) {
        assertThat(RequestPath.parse(raw)).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "a", "a/b", "..", "../a", "\\a", "%2fa", "http:", "C:/x"})
    void refusesWhatDoesNotStartAtTheRoot(String raw) {
        assertThat(RequestPath.parse(raw)).isEqualTo(RequestPath.NO_PATH);
    }

    /** Other scripts' dots and slashes are characters like any other, and are not folded into ASCII. */
    @ParameterizedTest
    @ValueSource(strings = {"%ef%bc%8e%ef%bc%8e", "%e2%80%a5", "%e2%88%95", "%ef%bc%8f", "%e2%81%84", "%ef%bc%bc"})
    void keepsLookAlikes(String segment) {
        assertThat(RequestPath.parse("/" + segment))
                .isInstanceOfSatisfying(
                        Inside.class,
                        inside -> assertThat(inside.relative())
                                .hasSizeLessThanOrEqualTo(2)
                                .matches("[^\\x00-\\x7F]+"));
    }

    /** Every byte, raw and escaped: what gets through has no separator, no control character and no dot in front. */
    @Test
    void letsNoByteThroughThatMeansMore() {
        int inside = 0;
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                for (String raw :
                        List.of(String.format("/%%%02x%%%02x", first, second), "/" + (char) first + (char) second)) {
                    if (RequestPath.parse(raw) instanceof Inside(String relative, boolean directory)) {
                        inside++;
                        assertThat(relative).as(raw).doesNotContainPattern("[\\x00-\\x1F\\x7F\\\\]|^\\.|\\A\\z");
                        assertThat(relative.contains("/")).as(raw).isFalse();
                        assertThat(directory).as(raw).isEqualTo(raw.endsWith("/"));
                    }
                }
            }
        }
        assertThat(inside).isGreaterThan(10_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "a b", "ü☃", "100%", "a?b#c&d", "<script>", "javascript:alert(1)", "\"'", "a+b;c", "%2e"})
    void escapesNamesSoThatTheyComeBack(String name) {
        String escaped = RequestPath.escape(name);
        assertThat(escaped).matches("[A-Za-z0-9._~%-]+");
        assertThat(RequestPath.parse("/" + escaped)).isEqualTo(new Inside(name, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {".git", "..", "", "a\\b", "a\nb", "a\0", "a/b", "C:"})
    void hidesFromListingsWhatCannotBeAskedFor(String name) {
        assertThat(RequestPath.isShown(name)).isFalse();
    }
}

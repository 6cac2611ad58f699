package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Directory.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Files that are kept open, and small ones with their bytes: by what the handler opens and reads. */
class FileCacheTest extends StaticFilesFrame {
    private void keep(int most) {
        handler = StaticFiles.builder(Path.of("root")).keep(most).build();
    }

    @Test
    void keepsFilesOpenAndTheBytesOfSmallOnes() {
        keep(64);
        for (int i = 0; i < 3; i++) {
            assertThat(get("/alphabet").body()).isEqualTo(ALPHABET);
            assertThat(get("/large.bin").body()).hasSize(100_000);
            assertThat(get("/alphabet", "Range: bytes=1-2").body()).isEqualTo("bc");
            assertThat(get("/alphabet", "If-Modified-Since: " + MODIFIED_TEXT).status())
                    .isEqualTo(304);
            assertThat(ask("HEAD", "/alphabet").header("Last-Modified")).isEqualTo(MODIFIED_TEXT);
        }
        assertThat(files.opens).hasValue(2);
        assertThat(files.references).hasValue(2);
    }

    @Test
    void answersUnconditionalRequestsForASmallFileByTheSameResponse() {
        keep(64);
        get("/alphabet");
        int reads = files.reads.get();
        assertThat(get("/alphabet").body()).isEqualTo(ALPHABET);
        assertThat(get("/alphabet", "If-None-Match: \"other\"").body()).isEqualTo(ALPHABET);
        assertThat(files.reads).hasValue(reads);
        assertThat(get("/app.js").body()).isEqualTo("the script itself");
        assertThat(get("/app.js", "Accept-Encoding: gzip").body()).isEqualTo("gzip");
        assertThat(get("/app.js.gz").header("Content-Encoding")).isEmpty();
        assertThat(get("/app.js", "Accept-Encoding: gzip").header("Content-Encoding"))
                .isEqualTo("gzip");
    }

    @Test
    void seesThatAKeptFileHasChangedOrIsGone() {
        keep(64);
        Answer before = get("/alphabet");
        files.put("alphabet", "zyx", MODIFIED + 999);
        Answer after = get("/alphabet");
        assertThat(after.body()).isEqualTo("zyx");
        assertThat(after.header("ETag")).isNotEqualTo(before.header("ETag"));
        files.remove("alphabet");
        assertThat(get("/alphabet").status()).isEqualTo(404);
    }

    @Test
    void opensAnewAfterASecondWhateverItSees() {
        keep(64);
        get("/alphabet");
        nanos = FileCache.GOOD_NANOS;
        get("/alphabet");
        assertThat(files.opens).hasValue(1);
        nanos++;
        get("/alphabet");
        assertThat(files.opens).hasValue(2);
    }

    @Test
    void keepsNothingThatHasJustChanged() {
        keep(64);
        files.put("young", "young", NOW - 1999);
        get("/young");
        assertThat(files.references).hasValue(0);
        files.put("older", "older", NOW - 2000);
        get("/older");
        assertThat(files.references).hasValue(1);
    }

    @Test
    void keepsSoManyAndClosesWhatNobodyAsksForAgain() {
        keep(8);
        for (int i = 0; i < 100; i++) {
            files.put("n" + i, "n" + i, MODIFIED);
            assertThat(get("/n" + i).body()).isEqualTo("n" + i);
            assertThat(files.references.get()).isLessThanOrEqualTo(8);
        }
        nanos = 2 * FileCache.GOOD_NANOS;
        get("/alphabet");
        get("/empty.txt");
        assertThat(files.references.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void givesUpWhatItKeepsWhereNoDescriptorIsLeft() {
        keep(64);
        get("/alphabet");
        files.forced = Outcome.EXHAUSTED;
        assertThat(get("/empty.txt").status()).isEqualTo(503);
        assertThat(files.references).hasValue(0);
    }
}

package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code sluice compare} says of a command line that is wrong; nothing is started. */
class CompareOptionsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--preset=plain | no preset is named 'plain'; there are plaintext, ",
                "--models=epol | no model is named 'epol', did you mean epoll?",
                "--workload=/no/such/file | --workload /no/such/file can't be read",
                "--set=connections=3 | a workload has no setting 'connections'",
                "--set=serve.port=3 | but that one is the comparison's own",
                "--set=serve.drain=5s | but that one is the comparison's own",
                "--set=serve.access-log=true | serve.access-log must name a file",
                "--sweep=load.think=1,500us | '1' of load.think has no unit",
                "--connections=0 | load.connections is '0'",
                "--connections=1,x | 'x' of load.connections",
                "--also=apache | --also is 'apache', must be nginx, or NAME=COMMAND",
                "--also=mine=./server | with {port} where the port belongs",
                "--pin=0 | --pin is '0', must be auto",
                "--rounds=0 | --rounds is 0",
                "--workers=few | --workers is 'few'",
                "--loops=0 | --loops is 0",
            })
    void aWrongCommandLineIsOneLine(String option, String message) {
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute("compare", option, "--output=" + folder.resolve("none"));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains(message);
        assertThat(folder).isEmptyDirectory();
    }
}

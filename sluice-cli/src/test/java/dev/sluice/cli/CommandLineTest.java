package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model;
import dev.sluice.Models;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command line says, and the status that it ends with, where no server is started. */
@Timeout(30)
class CommandLineTest {
    private record Outcome(int status, String out, String err) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine(arguments.length == 0 ? "" : arguments[0]);
        // The sub-commands too write here.
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int status = line.execute(arguments);
        return new Outcome(status, out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "|a command is missing: serve, proxy, kv, echo, load, models, compare, advise, disk, sim, report, completion (",
                "bogus|'bogus'",
                "echo --modle epoll|did you mean --model?",
                "echo --model epol|did you mean epoll?",
                "echo --model Epoll_ET|did you mean epoll-et?",
                "echo --model kernel-telepathy|there are auto, ",
                "echo --port 99999|--port is 99999, must be 0 to 65535",
                "echo --port http|'http' is not an int",
                "echo --loops 0|--loops is 0, must be at least 1",
                "echo --drain soon|'soon' is no duration",
                "echo --poll-sleep 0|take --model busy-poll",
                "echo --processes 5:2|MAX is at least MIN",
                "echo --processes many|'many' is no number of processes",
                "echo --accept lottery|expected one of",
                "echo --balance some|expected one of",
                "echo --model nio --loops 2 --balance on|leave --balance out",
                "echo --model epoll --balance on|take --loops 2",
                "echo --host no.such.host.invalid|--host 'no.such.host.invalid'",
                "models --xml|'--xml'",
                "proxy|'--to=URL[,URL…]'",
                "proxy --to ftp://a:1|is ftp, and back ends are spoken to in plain HTTP",
                "proxy --to https://a:1|is https",
                "proxy --to http://127.0.0.1:1/path|has a path",
                "proxy --to http://u@127.0.0.1:1|is no host and port",
                "proxy --to 127.0.0.1:0|has port 0",
                "proxy --to 127.0.0.1:99999|has port 99999",
                "proxy --to no.such.host.invalid:1|names a host that can't be found",
                "proxy --to 127.0.0.1:1 --tries 0|tries is 0, must be at least 1",
                "proxy --to 127.0.0.1:1#weight=0|has weight 0",
                "proxy --to 127.0.0.1:1#fast|has more than #weight=N behind it",
                "proxy --to 127.0.0.1:1,127.0.0.1:1|twice; for a greater share",
                "proxy --to 127.0.0.1:1 --pick best|expected one of",
                "proxy --to 127.0.0.1:1 --health well|must begin with /",
                "proxy --to 127.0.0.1:1 --health / --health-status ok|write one as in 204",
                "proxy --to 127.0.0.1:1 --health / --health-fall 0|fall is 0, must be at least 1",
                "proxy --to 127.0.0.1:1 --eject-share 101|must be from 0 to 100",
                "proxy --config no-such-file|there is no file no-such-file",
                "proxy --config pom.xml --check|pom.xml:1: there is no option '<?xml version'",
                "proxy --to 127.0.0.1:1 --retry-budget 101|must be from 0 to 1",
                "proxy --to 127.0.0.1:1 --hedge-slowest|give --hedge-after",
                "proxy --to 127.0.0.1:1 --limit=few|--limit is 'few', must be none, auto or a number",
                "proxy --to 127.0.0.1:1 --tcp --limit=8|--tcp knows none: leave them out",
                "proxy --to 127.0.0.1:1 --x-forwarded maybe|expected one of",
                "serve no-such-folder|there is no folder no-such-folder",
                "serve pom.xml|pom.xml is a file: name the folder",
                "serve src --respond hello|leave src out",
                "serve --reflect --respond hello|exclude each other",
                "serve src --file-io ring|there is no --file-io ring; there are sendfile, blocking, pool, io_uring, direct",
                "serve src --file-cache -1|--file-cache is -1, must be 0 to 1000000",
                "serve --respond hello --file-io pool|leave --file-io and --file-cache out",
                "serve --reflect --workers 2|leave --workers out",
                "serve --workers some|not 'some'",
                "serve --limit some|must be none, auto or a number",
                "serve --limit 0|must be none, auto or a number",
                "serve --priority-path /health=high|add --limit auto",
                "serve --limit auto --priority-path health=high|as in /health=high",
                "serve --limit auto --priority-path /health=urgent|no class 'urgent'",
                "serve --model prefork --workers 2|leave --workers out",
                "serve --max-body lots|'lots' is no size",
                "serve --idle-timeout 0|idle timeout is 0",
                "serve --access-log=src|--access-log src can't be written",
                "load|Missing required parameter",
                "load 127.0.0.1:80|as in http://127.0.0.1:8080/",
                "load https://localhost/|it must begin with http:// or tcp://",
                "load tcp://localhost|it names no port",
                "load http://localhost:99999/|it names no port from 1 to 65535",
                "load http://localhost/ --connections 0|connections is 0, must be 1 to 1000000",
                "load http://localhost/ --threads 9 --connections 8|more threads than connections",
                "load http://localhost/ --rate fast|'fast' is not a",
                "load http://localhost/ --rate -1|rate is -1.0",
                "load http://localhost/ --burst 9|give a rate as well",
                "load http://localhost/ --rate 9 --think 1s|leave rate or think out",
                "load http://localhost/ --churn --pipeline 2|leave pipeline out",
                "load http://localhost/ --slow-connections 2|need slow",
                "load http://localhost/ --duration 0|duration must be longer than nothing",
                "load http://localhost/ --arrivals never|expected one of",
                "load http://localhost/ --model epol|did you mean epoll?",
                "load http://localhost/ --model prefork|can't dial out",
                "load http://localhost/ --model threads --threads 2|leave threads out",
                "load http://localhost/ --header nonsense|'nonsense' is no header field",
                "load http://localhost/ --header Content-Length:5|is the generator's own",
                "load http://localhost/ --method HEAD|can't send HEAD",
                "load http://localhost/ --body a --body-size 5|take one of --body",
                "load http://localhost/ --body-file no-such-file|there is no file no-such-file",
                "load http://localhost/ --mix no-such-file|there is no file no-such-file",
                "load http://localhost/ --mix pom.xml|pom.xml:1: write WEIGHT METHOD TARGET",
                "load tcp://localhost:1 --method GET|an echo has no method",
                "disk no-such-folder|there is no folder no-such-folder",
                "disk --depths 0|a depth is 0, must be 1 to 256",
                "disk --depths 1,1|names a depth twice",
                "disk --depths many|'many' is not an int",
                "disk --block 1000|--block is 1000 bytes, must be a multiple of 512",
                "disk --block 4g|must be at most 16m",
                "disk --size 64k|must be 64 to",
                "disk --size lots|'lots' is no size",
                "disk --pattern backwards|no pattern is named 'backwards'; there are random-read, ",
                "disk --engines aio|no engine is named 'aio'; there are blocking, ",
                "disk --modes fast|must be buffered, direct, or both",
                "disk --batch 0|--batch is 0, must be 1 to 256",
                "disk --rounds 0|--rounds is 0, must be 1 to 1000",
                "disk --duration 1ms|--duration must be at least 50ms",
                "sim|Missing required parameter",
                "sim telepathy|there are echo, http",
                "sim echo --seed 1 --seeds 5|leave --seeds, --for and --from out",
                "sim echo --story --hash|leave --hash and --shrink out",
                "sim echo --seeds 0|--seeds is 0, must be at least 1",
                "sim echo --threads -1|--threads is -1",
                "sim echo --faults bogus=0.1|there is no fault 'bogus': there are short-send, ",
                "sim echo --faults loss|'loss' is no fault: write off, or NAME=RATE",
                "sim echo --faults loss=2|a rate lies between 0 and 1",
                "sim echo --faults loss=0.1@2..1|no window of time",
                "sim echo --beneath hope|there are completion, level, edge, ring",
                "sim echo --clients 0|clients are numbers from 1",
                "sim echo --requests 0|requests is 0, must be at least 1",
                "sim echo --for soon|'soon' is no duration",
            })
    void badInputIsOneLineThatNamesTheCause(String command, String cause) {
        Outcome outcome = run(command == null ? new String[0] : command.split(" "));

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().strip().lines()).hasSize(1);
        assertThat(outcome.err()).startsWith("sluice").contains(cause).contains("--help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "echo --help",
                "proxy --help",
                "load --help",
                "models --help",
                "compare --help",
                "advise --help",
                "disk --help",
                "sim --help",
                "report --help",
                "completion --help"
            })
    void helpTeachesByExamples(String command) {
        Outcome outcome = run(command.split(" "));

        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("Usage: sluice", "Examples:");
    }

    @Test
    void versionNamesTheJvm() {
        Outcome outcome = run("--version");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("sluice ").contains("Java " + Runtime.version());
    }

    @Test
    void modelsListsEachWithWhatItFits() {
        Outcome outcome = run("models");

        assertThat(outcome.status()).isZero();
        for (Model model : Models.all()) {
            assertThat(outcome.out()).containsPattern("(?m)^" + model.name() + " .*(yes|no) ");
            assertThat(outcome.out()).contains(model.fits());
            if (!model.availability().available()) {
                assertThat(outcome.out())
                        .contains(
                                model.availability().reason(),
                                model.availability().cure());
            }
        }
    }

    @Test
    void modelsAsJsonHasOneObjectAModel() {
        Outcome outcome = run("models", "--json");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("[").endsWith("]\n");
        assertThat(outcome.out().lines().filter(line -> line.startsWith("  {\"name\": ")))
                .hasSize(Models.all().size());
    }

    @Test
    void completionNamesCommandsAndModels() {
        Outcome outcome = run("completion");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("complete -F", "--model", "echo");
        assertThat(outcome.out())
                .contains(Models.all().stream().map(Model::name).toArray(String[]::new));
    }

    @Test
    void durationsTakeUnits() {
        DurationConverter converter = new DurationConverter();

        assertThat(Stream.of("200us", "1ms", "5", "0.5", "2m", "1h", "0", "30ns")
                        .map(text -> converter.convert(text).toNanos()))
                .containsExactly(
                        200_000L,
                        1_000_000L,
                        5_000_000_000L,
                        500_000_000L,
                        120_000_000_000L,
                        3_600_000_000_000L,
                        0L,
                        30L);
    }

    @Test
    void sizesTakeUnits() {
        SizeConverter converter = new SizeConverter();

        assertThat(Stream.of("512", "8k", "16M", "2g", "1kb").map(converter::convert))
                .containsExactly(512L, 8192L, 16L << 20, 2L << 30, 1024L);
    }
}

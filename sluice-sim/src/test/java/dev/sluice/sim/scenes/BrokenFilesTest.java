package dev.sluice.sim.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Service;
import dev.sluice.http.Handler;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import dev.sluice.sim.Faults;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.campaign.Run;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers of files that are broken: the scene's clients notice. */
@Timeout(120)
class BrokenFilesTest {
    private static final int SEEDS = 300;

    private static String firstFailure(Handler broken) {
        UnaryOperator<Service> instead =
                service -> HttpService.builder().headHandler(broken).build();
        Run pattern = Run.of(new FilesScene(instead), 0).withFaults(Faults.none());
        for (int seed = 0; seed < SEEDS; seed++) {
            WorldFailure failure = pattern.withSeed(seed).play().failure();
            if (failure != null) {
                return failure.what();
            }
        }
        throw new AssertionError("no seed of " + SEEDS + " found it");
    }

    @Test
    void anotherDirectory() {
        assertThat(firstFailure(request -> Response.of(404))).contains("has status 404, and it must not");
    }

    @Test
    void otherBytes() {
        assertThat(firstFailure(request -> Response.text("hello"))).contains("has a length that the file never had");
    }

    @Test
    void rangesOfSomethingElse() {
        assertThat(firstFailure(request -> Response.builder(206)
                        .header("Content-Range", "bytes 0-0/1")
                        .body("a")
                        .build()))
                .contains("has a range that nobody asked for");
    }
}

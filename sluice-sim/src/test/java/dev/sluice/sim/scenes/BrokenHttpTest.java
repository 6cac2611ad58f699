package dev.sluice.sim.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.DelegatingSession;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.sim.Faults;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP servers that are broken: the scene's clients notice. */
@Timeout(120)
class BrokenHttpTest {
    private static final int SEEDS = 300;

    private static String firstFailure(UnaryOperator<Service> broken) {
        Run pattern = Run.of(new HttpScene(broken), 0).withFaults(Faults.none());
        for (int seed = 0; seed < SEEDS; seed++) {
            Outcome outcome = pattern.withSeed(seed).play();
            WorldFailure failure = outcome.failure();
            if (failure != null) {
                return failure.what();
            }
        }
        throw new AssertionError("no seed of " + SEEDS + " found it");
    }

    private static UnaryOperator<Service> sessions(UnaryOperator<Session> around) {
        return service -> connection -> around.apply(service.open(connection));
    }

    @Test
    void inputThatIsForgotten() {
        assertThat(firstFailure(sessions(session -> new DelegatingSession(session) {
                    @Override
                    public void received(ByteBuffer input) throws Exception {
                        super.received(input);
                        input.position(input.limit()); // also what was to be offered again
                    }
                })))
                .containsAnyOf("no progress", "where it must be");
    }

    @Test
    void anEndThatIsNotTold() {
        assertThat(firstFailure(sessions(session -> new DelegatingSession(session) {
                    @Override
                    public void ended() {}
                })))
                .contains("let all its patience pass");
    }

    @Test
    void outputThatIsNotToldToBeDrained() {
        assertThat(firstFailure(sessions(session -> new DelegatingSession(session) {
                    @Override
                    public void drained() {}
                })))
                .containsAnyOf("no progress", "let all its patience pass");
    }

    @Test
    void anAnswerThatNobodyAskedFor() {
        assertThat(firstFailure(service -> connection -> new DelegatingSession(service.open(connection)) {
                    @Override
                    public void opened() throws Exception {
                        super.opened();
                        connection.write(
                                bytes("HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"));
                    }
                }))
                .containsAnyOf("where it must be", "nobody asked for");
    }

    @Test
    void whatIsNoAnswer() {
        assertThat(firstFailure(service -> connection -> new DelegatingSession(service.open(connection)) {
                    @Override
                    public void opened() throws Exception {
                        super.opened();
                        connection.write(bytes("hello\r\n\r\n"));
                    }
                }))
                .contains("a status line that is none");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}

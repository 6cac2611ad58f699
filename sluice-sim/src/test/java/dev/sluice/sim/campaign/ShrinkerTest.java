package dev.sluice.sim.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.World;
import dev.sluice.sim.scenes.Casting;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs that fail, made shorter. */
@Timeout(120)
class ShrinkerTest {
    /** Loses a byte where a piece is of one byte, which only small packets bring about. */
    private record Lossy(Connection connection) implements Session {
        @Override
        public void received(ByteBuffer input) {
            if (input.remaining() == 1) {
                input.get();
            }
            connection.write(input);
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    private static void play(World world, Casting casting) {
        Server server = world.host("server").serve(Server.builder(Lossy::new), 7);
        for (int client = 1; client <= 5; client++) {
            Dice own = world.dice().split();
            if (casting.has(client)) {
                byte[] bytes = own.bytes(casting.requests(10) * 100);
                world.host("client")
                        .connect(server.address())
                        .send(bytes)
                        .expect(bytes)
                        .end()
                        .expectEnd();
            }
        }
        world.run();
    }

    private static Outcome firstFailure() {
        Faults faults = Faults.parse("small-packet=0.2,loss=0.05,interrupt=0.1,pause=0.01");
        Run pattern = Run.of(ShrinkerTest::play, 0).withFaults(faults);
        for (int seed = 0; seed < 1000; seed++) {
            Outcome outcome = pattern.withSeed(seed).play();
            if (outcome.failure() != null) {
                return outcome;
            }
        }
        throw new AssertionError("no seed failed");
    }

    @Test
    void itTakesAwayWhatIsNotNeeded() {
        Outcome failed = firstFailure();
        List<String> steps = new ArrayList<>();
        Outcome shortest = Shrinker.shrink(failed, steps::add);
        assertThat(shortest.failsLike(failed.failure())).isTrue();
        assertThat(shortest.lineCount()).isLessThan(failed.lineCount());
        assertThat(shortest.casting().clients()).hasSizeBetween(1, 4);
        assertThat(shortest.faults().kinds()).doesNotContain(Faults.Kind.PAUSE, Faults.Kind.INTERRUPT);
        assertThat(steps).isNotEmpty();
        Outcome again = shortest.run().play();
        assertThat(again.storyHash()).isEqualTo(shortest.storyHash());
        assertThat(Shrinker.shrink(failed, step -> {}).run()).isEqualTo(shortest.run());
    }
}

package dev.sluice.sim.example;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.junit.Simulated;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;

/** The journal of docs/simulation.md without its bug. */
@Timeout(60)
class MendedJournalTest {
    @Simulated(seeds = 1000)
    void whatWasSentBackIsThere(World world) {
        Host host = world.host("server");
        host.disk().put("/journal", new byte[0]);
        host.start(() -> host.serve(Server.builder(c -> new MendedJournal(c, host.disk(c::execute))), 9000));
        Peer peer = world.host("client").connect(host.address(9000)).mayBreak().send("abcdefgh");
        world.after(Duration.ofMillis(world.dice().below(100)), host::crash);
        host.restart(Duration.ofSeconds(1));
        world.run();
        assertThat(new String(host.disk().content("/journal"), US_ASCII))
                .startsWith(new String(peer.received(), US_ASCII));
    }
}

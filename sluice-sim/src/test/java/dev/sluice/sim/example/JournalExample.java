package dev.sluice.sim.example;

// example:begin
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.Server;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.junit.Simulated;
import java.time.Duration;

class JournalExample {
    @Simulated(seeds = 1000)
    void whatWasSentBackIsThere(World world) {
        Host host = world.host("server");
        host.disk().put("/journal", new byte[0]);
        host.start(() -> host.serve(Server.builder(c -> new Journal(c, host.disk(c::execute))), 9000));
        Peer peer = world.host("client").connect(host.address(9000)).mayBreak().send("abcdefgh");
        world.after(Duration.ofMillis(world.dice().below(100)), host::crash);
        host.restart(Duration.ofSeconds(1));
        world.run();
        String kept = new String(host.disk().content("/journal"), US_ASCII);
        String sentBack = new String(peer.received(), US_ASCII);
        if (!kept.startsWith(sentBack)) {
            peer.fail("'" + sentBack + "' was sent back, and '" + kept + "' is there");
        }
    }
}
// example:end

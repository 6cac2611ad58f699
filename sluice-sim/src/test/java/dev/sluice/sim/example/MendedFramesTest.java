package dev.sluice.sim.example;

import dev.sluice.Server;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.junit.Simulated;
import org.junit.jupiter.api.Timeout;

/** The example of docs/simulation.md without its bug. */
@Timeout(60)
class MendedFramesTest {
    @Simulated(seeds = 1000)
    void framesComeBack(World world) {
        Server server = world.host("server").serve(Server.builder(MendedFrames::new), 9000);
        Peer peer = world.host("client").connect(server.address());
        for (int i = 0; i < 5; i++) {
            byte[] frame = world.dice().bytes(1 + world.dice().below(256));
            frame[0] = (byte) (frame.length - 1);
            peer.send(frame).expect(frame);
        }
        peer.end().expectEnd();
    }
}

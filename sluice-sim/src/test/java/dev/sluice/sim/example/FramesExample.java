package dev.sluice.sim.example;

// example:begin
import dev.sluice.Server;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.junit.Simulated;

class FramesExample {
    @Simulated(seeds = 1000)
    void framesComeBack(World world) {
        Server server = world.host("server").serve(Server.builder(Frames::new), 9000);
        Peer peer = world.host("client").connect(server.address());
        for (int i = 0; i < 5; i++) {
            byte[] frame = world.dice().bytes(1 + world.dice().below(256));
            frame[0] = (byte) (frame.length - 1);
            peer.send(frame).expect(frame);
        }
        peer.end().expectEnd();
    }
}
// example:end

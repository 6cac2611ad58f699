package dev.sluice.sim.scenes;

import dev.sluice.Connection;
import dev.sluice.Echo;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An echo server and some clients, each of which must get back what it sent, and then the end. */
public final class EchoScene implements Scene {
    private static final int PORT = 7;
    private static final int CLIENTS = 8;
    /** Now and then there are more than a loop accepts in one turn. */
    private static final double CROWDED = 0.02;

    private static final int CROWD = 200;
    private static final double SIPS = 0.2;
    private static final int SIP_BYTES = 100;
    private static final int MESSAGES = 4;
    private static final int MESSAGE_BYTES = 8 * 1024;

    /** Echoes bit by bit, and leaves unread what must wait until its output is drained: that is offered again then. */
    private record Sips(Connection connection) implements Session {
        @Override
        public void received(ByteBuffer input) {
            boolean more = true;
            while (more && input.hasRemaining()) {
                int count = Math.min(SIP_BYTES, input.remaining());
                more = connection.write(input.slice(input.position(), count));
                input.position(input.position() + count);
            }
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    @Override
    public void play(World world, Casting casting) {
        Dice dice = world.dice();
        Options options = ServerDraw.options(dice).build();
        Service service = dice.chance(SIPS) ? Sips::new : Echo::new;
        CrashingServer server =
                new CrashingServer(world, PORT, () -> Server.builder(service).options(options));
        Host host = world.host("client");
        List<Peer> peers = new ArrayList<>();
        int count = 1 + dice.below(dice.chance(CROWDED) ? CROWD : CLIENTS);
        for (int number = 1; number <= count; number++) {
            Dice own = dice.split();
            if (casting.has(number)) {
                peers.add(talk(host.connect(server.address()), "", own, casting));
            }
        }
        ServerDraw.runAndStop(
                world,
                server,
                () -> host.connect(server.address())
                        .send("again")
                        .expect("again")
                        .end()
                        .expectEnd(),
                () -> peers.forEach(Peer::mayBreak));
    }

    /** Has a peer send some messages, and expect a greeting, the same messages, and the end. */
    static Peer talk(Peer peer, String greeting, Dice dice, Casting casting) {
        if (dice.chance(0.2)) {
            peer.pace((int) dice.spread(1, 4096), Duration.ofMillis(dice.below(20)));
        }
        if (dice.chance(0.1)) {
            peer.pauseReading().after(Duration.ofMillis(dice.below(5000)), peer::resumeReading);
        }
        if (dice.chance(0.1)) {
            peer.mayBreak().after(Duration.ofMillis(dice.below(5000)), peer::reset);
        }
        boolean waits = dice.chance(0.3); // ends only when it has all that it sent
        long[] missing = {greeting.length()};
        peer.expect(greeting).onReceived(bytes -> {
            missing[0] -= bytes.length;
            if (waits && missing[0] == 0) {
                peer.end();
            }
        });
        int messages = casting.requests(1 + dice.below(MESSAGES));
        long delayMillis = 0;
        for (int i = 1; i <= messages; i++) {
            byte[] message = dice.bytes((int) dice.spread(0, MESSAGE_BYTES));
            peer.expect(message);
            missing[0] += message.length;
            boolean last = i == messages;
            peer.after(Duration.ofMillis(delayMillis), () -> {
                peer.send(message);
                if (last && (!waits || missing[0] == 0)) {
                    peer.end();
                }
            });
            delayMillis += dice.below(1000);
        }
        return peer.expectEnd();
    }
}

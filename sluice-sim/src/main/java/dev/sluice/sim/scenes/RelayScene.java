package dev.sluice.sim.scenes;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A relay between clients and a server that greets and then echoes: it dials, speaks to two sides, and uses timers, tasks and
 * deadlines. Where nothing breaks connections, each client must get all of it, and the end.
 */
public final class RelayScene implements Scene {
    private static final int PORT = 8;
    private static final int SERVER_PORT = 9;
    private static final int CLIENTS = 10;
    private static final String GREETING = "hello\n";
    private static final double IMPATIENT = 0.3;

    /** Faults by which a side can be lost, or a dial fail; the other one then breaks as well. */
    static final Set<Faults.Kind> BREAKING = EnumSet.of(
            Faults.Kind.REFUSED,
            Faults.Kind.HANGING,
            Faults.Kind.RESET,
            Faults.Kind.PEER_RESET,
            Faults.Kind.HALF_CLOSE,
            Faults.Kind.BLACK_HOLE,
            Faults.Kind.PARTITION,
            Faults.Kind.LOSS,
            Faults.Kind.DESCRIPTORS);

    @Override
    public void play(World world, Casting casting) {
        Dice dice = world.dice();
        boolean impatient = dice.chance(IMPATIENT);
        Host backend = world.host("backend");
        backend.accept(SERVER_PORT, RelayScene::echo);
        Duration idle = impatient ? Duration.ofMillis(dice.spread(100, 5000)) : ServerDraw.PATIENCE;
        Relay relay = new Relay(world, backend.address(SERVER_PORT), idle);
        Options options = ServerDraw.options(dice).build();
        CrashingServer server = new CrashingServer(
                world, PORT, () -> Server.builder(relay.service()).options(options));
        boolean breaks = impatient || !Collections.disjoint(world.faults().kinds(), BREAKING);
        Supplier<Peer> connect = () -> {
            Peer peer = world.host("client").connect(server.address());
            return breaks ? peer.mayBreak() : peer;
        };
        List<Peer> peers = new ArrayList<>();
        int count = 1 + dice.below(CLIENTS);
        for (int number = 1; number <= count; number++) {
            Dice own = dice.split();
            if (casting.has(number)) {
                peers.add(EchoScene.talk(connect.get(), GREETING, own, casting));
            }
        }
        ServerDraw.runAndStop(
                world,
                server,
                () -> connect.get()
                        .expect(GREETING)
                        .send("again")
                        .expect("again")
                        .end()
                        .expectEnd(),
                () -> peers.forEach(Peer::mayBreak));
    }

    private static void echo(Peer peer) {
        peer.mayBreak().send(GREETING).onReceived(peer::send).onEnded(peer::end);
    }
}

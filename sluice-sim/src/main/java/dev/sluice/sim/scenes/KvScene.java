package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.Host;
import dev.sluice.sim.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The key-value store on its log, on a disk that fails in all ways, killed and crashed in the midst of writes, recovery and
 * compaction; and clients that write to keys of their own, and look at each of their connections what is there: every write that was
 * acknowledged, none that is half there, and no later one without an earlier one.
 */
public final class KvScene implements Scene {
    private static final int CLIENTS = 4;
    private static final int VISITS = 5;
    private static final int DEATHS = 4;
    private static final Duration LONG = Duration.ofMinutes(3);

    @Override
    public void play(World world, Casting casting) {
        Dice dice = world.dice();
        KvMachine server = new KvMachine(world, dice.split());
        Host host = world.host("client");
        List<KvWriter> writers = new ArrayList<>();
        int count = 1 + dice.below(CLIENTS);
        for (int number = 1; number <= count; number++) {
            Dice own = dice.split();
            int visits = 1 + own.below(VISITS);
            if (casting.has(number)) {
                writers.add(new KvWriter(world, host, server, number, own, casting.requests(visits)));
            }
        }
        for (int n = dice.below(DEATHS + 1); n > 0; n--) {
            world.after(Duration.ofNanos(dice.spread(1_000_000, 20_000_000_000L)), server::die);
        }
        writers.forEach(KvWriter::visit);
        world.run(LONG);
        server.stop();
        world.run();
    }
}

package dev.sluice.sim.scenes;

import dev.sluice.AcceptMode;
import dev.sluice.Options;
import dev.sluice.sim.Dice;
import dev.sluice.sim.World;
import java.time.Duration;

/** What a seed decides of a server, whatever it serves. */
final class ServerDraw {
    /** Longer than any packet is ever late: what waits so long waits for something that does not come. */
    static final Duration PATIENCE = Duration.ofHours(1);

    private static final int LEAST_INPUT_BYTES = 4 * 1024;
    private static final double LATE = 0.3;
    private static final double EARLY = 0.15;

    private ServerDraw() {}

    /** Few bytes suffice to reach each bound. Nobody is cut off for being slow. */
    static Options.Builder options(Dice dice) {
        return Options.builder()
                .loops(1 + dice.below(2))
                .accept(dice.nextBoolean() ? AcceptMode.REUSEPORT : AcceptMode.HANDOFF)
                .outputMarks(1024, 4 * 1024)
                .inputLimit((int) dice.spread(LEAST_INPUT_BYTES, 64 * 1024))
                .turnBytes((int) dice.spread(1, 64 * 1024))
                .writeTimeout(PATIENCE);
    }

    /**
     * Runs a world to its end and stops the server, or stops it in the midst of all.
     *
     * @param newcomer connects a client that must be served; called when all is quiet, if the server's host has crashed
     * @param onEarlyStop from then on nobody has to be served
     */
    static void runAndStop(World world, CrashingServer server, Runnable newcomer, Runnable onEarlyStop) {
        Dice dice = world.dice();
        if (dice.chance(EARLY)) {
            world.run(Duration.ofMillis(dice.spread(0, 3000)));
            onEarlyStop.run();
        } else {
            world.run();
            if (server.hasRestarted()) {
                newcomer.run();
                world.run();
            }
            if (dice.chance(LATE)) {
                world.host("client").connect(server.address()).send("late").mayBreak();
            }
        }
        server.stop(Duration.ofMillis(dice.below(1000)));
    }
}

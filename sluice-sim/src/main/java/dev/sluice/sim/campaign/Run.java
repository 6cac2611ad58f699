package dev.sluice.sim.campaign;

import dev.sluice.sim.Beneath;
import dev.sluice.sim.Faults;
import dev.sluice.sim.World;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.scenes.Cast;
import dev.sluice.sim.scenes.Casting;
import dev.sluice.sim.scenes.Scene;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One scene in one world: all that decides what happens there. A value; played twice, it tells the same story.
 *
 * @param scene what takes place
 * @param seed decides the rest
 * @param faults instead of those that the seed has for it; null for those
 * @param beneath what all loops wait with, instead of what the seed has for each; null for that
 * @param cast who takes part
 */
public record Run(
        Scene scene,
        long seed,
        @Nullable Faults faults,
        @Nullable Beneath beneath,
        Cast cast) {
    /** A run in which the seed decides everything. */
    public static Run of(Scene scene, long seed) {
        return new Run(scene, seed, null, null, Cast.ALL);
    }

    public Run withSeed(long other) {
        return new Run(scene, other, faults, beneath, cast);
    }

    public Run withFaults(Faults others) {
        return new Run(scene, seed, others, beneath, cast);
    }

    public Run withCast(Cast other) {
        return new Run(scene, seed, faults, beneath, other);
    }

    /** Plays it, on the calling thread, which must have no world. What goes wrong is in the outcome, and not thrown. */
    public Outcome play() {
        return play(null);
    }

    /**
     * Plays it.
     *
     * @param reader is told each line of the story
     */
    public Outcome play(@Nullable Consumer<String> reader) {
        World.Builder builder = World.builder(seed);
        if (faults != null) {
            builder.faults(faults);
        }
        if (beneath != null) {
            builder.beneath(beneath);
        }
        if (reader != null) {
            builder.reader(reader);
        }
        Casting casting = new Casting(cast);
        World world = builder.build();
        WorldFailure failure = null;
        try {
            scene.play(world, casting);
        } catch (Throwable e) {
            failure = world.failed(e);
        }
        try {
            world.close();
        } catch (Throwable e) {
            failure = failure == null ? world.failed(e) : failure;
        }
        return new Outcome(
                this,
                world.story().hash(),
                world.story().lineCount(),
                world.eventCount(),
                world.elapsedNanos(),
                world.faults(),
                world.faultsMet(),
                casting,
                failure,
                true);
    }
}

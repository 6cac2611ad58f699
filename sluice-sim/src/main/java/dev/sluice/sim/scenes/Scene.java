package dev.sluice.sim.scenes;

import dev.sluice.sim.World;

/** What takes place in a world: servers, and clients that hold them to what they must do. The same for the same seed. */
@FunctionalInterface
public interface Scene {
    /**
     * Puts hosts, servers and clients into a fresh world, and runs it. The caller closes it afterwards, whereupon the world
     * looks whether everything came back.
     *
     * @param casting who of those that the seed has for the scene takes part
     * @throws Exception for a scene that is a user's test; it counts as a failure, as an assertion does
     */
    void play(World world, Casting casting) throws Exception;
}

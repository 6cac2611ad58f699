package dev.sluice.sim.campaign;

import dev.sluice.sim.scenes.Scenes;

/** A process that prints the hashes of stories. */
final class Hashes {
    private Hashes() {}

    /** Of each of so many seeds of each scene a line. */
    public static void main(String[] arguments) {
        for (String service : Scenes.names()) {
            for (int seed = 0; seed < Integer.parseInt(arguments[0]); seed++) {
                Outcome outcome = Run.of(Scenes.of(service), seed).play();
                System.out.println(
                        service + " " + seed + " " + Long.toHexString(outcome.storyHash()) + " " + outcome.lineCount());
            }
        }
    }
}

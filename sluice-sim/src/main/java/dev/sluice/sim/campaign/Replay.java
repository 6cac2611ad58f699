package dev.sluice.sim.campaign;

import dev.sluice.sim.scenes.Cast;
import java.util.stream.Collectors;

/** How a run is had again. */
public final class Replay {
    private Replay() {}

    /** The command that plays a run of a bundled service's scene, and prints its story. */
    public static String command(String service, Run run) {
        StringBuilder command = new StringBuilder("sluice sim ")
                .append(service)
                .append(" --seed ")
                .append(run.seed());
        if (run.faults() != null) {
            String faults = run.faults().toString();
            command.append(" --faults ").append(faults.equals("none") ? "off" : faults);
        }
        if (run.beneath() != null) {
            command.append(" --beneath ").append(run.beneath().label());
        }
        Cast cast = run.cast();
        if (cast.clients() != null) {
            command.append(" --clients ")
                    .append(cast.clients().stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        if (cast.requestsMost() != Integer.MAX_VALUE) {
            command.append(" --requests ").append(cast.requestsMost());
        }
        return command.append(" --story").toString();
    }

    /** The properties that play a run of a test again. */
    public static String properties(Run run) {
        String faults = run.faults() == null ? "" : " -Dsluice.sim.faults=" + run.faults();
        String beneath = run.beneath() == null
                ? ""
                : " -Dsluice.sim.beneath=" + run.beneath().label();
        return "-Dsluice.sim.seed=" + run.seed() + faults + beneath;
    }
}

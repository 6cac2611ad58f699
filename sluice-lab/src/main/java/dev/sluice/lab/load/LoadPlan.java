package dev.sluice.lab.load;

import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.lab.preflight.Plan;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** What a load takes of this machine, for {@link dev.sluice.lab.preflight.Preflight}. */
public final class LoadPlan {
    private LoadPlan() {}

    /**
     * The plan of a load.
     *
     * @param sluice the command that starts Sluice; empty where there can be no other process
     * @throws LoadException where one process would have to hold more than it may
     */
    public static Plan of(Load load, List<String> sluice) {
        Model model = Models.choose(load.model());
        long connections = (long) load.connectionsCount() + load.slowCount() + load.idleCount();
        return new Plan(
                connections,
                Plan.Side.CLIENT,
                isHere(load),
                Share.of(load, sluice).processes(),
                model.can(Model.Ability.LOOPS) ? Plan.Each.NOTHING : Plan.Each.THREAD);
    }

    private static boolean isHere(Load load) {
        String host = load.url().getHost();
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // what that means is said when it is dialled
        }
    }
}

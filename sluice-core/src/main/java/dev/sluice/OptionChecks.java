package dev.sluice;

import dev.sluice.Model.Ability;

/** Which options go with which model: what a row's {@link Ability abilities} don't cover is refused, with the reason and the cure. */
public final class OptionChecks {
    private OptionChecks() {}

    /**
     * Refuses options that have no meaning with a model.
     *
     * @throws IllegalArgumentException with the reason and the cure
     */
    public static void require(Model model, Options options) {
        if (options.loops() > 1 && !model.can(Ability.LOOPS)) {
            throw new IllegalArgumentException("model " + model.name() + " has no loops to multiply (--loops "
                    + options.loops() + "): leave --loops out, or take epoll");
        }
        if (options.pin() && !model.can(Ability.PIN)) {
            throw new IllegalArgumentException("model " + model.name()
                    + " has no threads of loops to pin (--pin): leave --pin out, or take epoll");
        }
        if (options.pin() && options.processes() > 1) {
            throw new IllegalArgumentException(
                    "--pin gives the loops of one process a core each; of " + options.processes()
                            + " processes all would take the same: leave --pin out, or take --loops for --processes");
        }
        if (options.loops() > 1 && options.accept() == AcceptMode.EXCLUSIVE && !model.can(Ability.EXCLUSIVE_ACCEPT)) {
            throw new IllegalArgumentException(
                    "model " + model.name() + " can't share a listening socket: take --accept reuseport");
        }
        if (options.loops() > 1 && options.accept() == AcceptMode.HANDOFF && !model.can(Ability.HANDOFF_ACCEPT)) {
            throw new IllegalArgumentException(
                    "model " + model.name() + " can't hand a connection to another loop: take --accept reuseport");
        }
        if (options.processes() > 1 && !model.can(Ability.ONE_PROCESS)) {
            throw new IllegalArgumentException("model " + model.name() + " has a process for each connection already:"
                    + " give it a range of processes, as in --processes 4:16");
        }
        if (options.shed() && options.processes() > 1) {
            throw new IllegalArgumentException("a process that is out of descriptors leaves newcomers to the others"
                    + " (--processes " + options.processes() + "): leave --shed out");
        }
        if (!options.uring().isStandard() && !model.can(Ability.OWN_TABLES)) {
            throw new IllegalArgumentException("model " + model.name()
                    + " has none of io_uring's switches (--uring): leave them out, or take io_uring");
        }
        if (options.shed() && !model.can(Ability.SHED)) {
            throw new IllegalArgumentException("model " + model.name() + " can't shed newcomers (" + whyNotShed(model)
                    + "): leave --shed out, or take epoll");
        }
    }

    /**
     * Refuses a listening socket that was opened elsewhere where a model, or several processes, can't take it over.
     *
     * @throws IllegalArgumentException with the reason and the cure
     */
    static void requireInheriting(Model model, Options options) {
        if (!model.can(Ability.INHERITED_LISTENER)) {
            throw new IllegalArgumentException("model " + model.name()
                    + " can't take over a listening socket that was opened elsewhere: take epoll");
        }
        if (options.processes() > 1 || !model.can(Ability.ONE_PROCESS)) {
            throw new IllegalArgumentException(
                    "several processes share a listening socket of their own: give one that was"
                            + " opened elsewhere to a single process (--loops in place of --processes)");
        }
    }

    private static String whyNotShed(Model model) {
        if (!model.can(Ability.ONE_PROCESS)) {
            return "a worker serves one connection, and does not run out of descriptors";
        }
        return model.family() == Family.SIMULATION
                ? "the descriptor in reserve would be the machine's"
                : "the JDK's channels leave no way to take one beside them";
    }
}

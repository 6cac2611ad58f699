package dev.sluice;

import dev.sluice.Model.Ability;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The table of models. The command line, the conformance suite, the lab and the README read it, so that a model is one
 * engine's file and one row here.
 */
public final class Models {
    private static final List<Model> ROWS = List.of();

    /** What {@code auto} tries, best first. */
    private static final List<String> AUTO = List.of("io_uring", "epoll", "kqueue", "nio");

    private Models() {}

    /** All rows, in the table's order. */
    public static List<Model> all() {
        return ROWS;
    }

    public static Optional<Model> find(String name) {
        return ROWS.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /**
     * The named row, or for {@code auto} the best that this machine can run.
     *
     * @throws IllegalArgumentException where there is no such model
     * @throws UnavailableException where this machine can't run it
     */
    public static Model choose(String name) {
        if (name.equals("auto")) {
            return AUTO.stream()
                    .flatMap(candidate -> find(candidate).stream())
                    .filter(m -> m.availability().available())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("this machine can run none of " + AUTO));
        }
        Model row = find(name)
                .orElseThrow(() -> new IllegalArgumentException("no model is named '" + name + "'; there are "
                        + ROWS.stream().map(Model::name).collect(Collectors.joining(", ")) + " and auto"));
        Availability availability = row.availability();
        if (!availability.available()) {
            throw new UnavailableException(name, availability);
        }
        return row;
    }

    /** Why {@code auto} did not choose a better model: one line for each candidate that was passed over. */
    public static List<String> passedOver(Model chosen) {
        return AUTO.stream()
                .takeWhile(name -> !name.equals(chosen.name()))
                .flatMap(name -> find(name).stream())
                .map(m -> m.name() + ": " + m.availability().reason())
                .toList();
    }

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
        if (options.loops() > 1 && options.accept() == AcceptMode.EXCLUSIVE && !model.can(Ability.EXCLUSIVE_ACCEPT)) {
            throw new IllegalArgumentException(
                    "model " + model.name() + " can't share a listening socket: take --accept reuseport");
        }
        if (options.loops() > 1 && options.accept() == AcceptMode.HANDOFF && !model.can(Ability.HANDOFF_ACCEPT)) {
            throw new IllegalArgumentException("model " + model.name()
                    + " can't hand a connection to another loop: take --accept reuseport");
        }
    }
}

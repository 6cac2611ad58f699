package dev.sluice.threading;

import dev.sluice.Availability;
import dev.sluice.Model;
import dev.sluice.Options;
import dev.sluice.ServiceProvider;
import dev.sluice.UnavailableException;

/**
 * A model in several processes that share a port ({@link Options#processes}): a master starts them, counts for them and replaces
 * those that die, and never touches a connection. What one process may have open, and what it takes along when it dies,
 * bounds them no more.
 *
 * <p>All wait on one listening socket, their master's. That spreads newcomers to whoever is free; with a socket for each
 * (SO_REUSEPORT) the kernel's hash fills some of them first, and those whom it sends to a full one wait there for nothing.
 * The JDK's channels can't take over a socket: {@code nio} and {@code aio} listen beside each other.
 */
public final class Processes implements Threading {
    private final Model model;

    /** The given model, in each of them. */
    public Processes(Model model) {
        this.model = model;
    }

    @Override
    public Running start(Setup setup) {
        Availability pidfd = Prefork.availability();
        if (!pidfd.available()) {
            throw new UnavailableException(
                    "several processes", Availability.no(pidfd.reason(), "leave --processes out"));
        }
        String who = "model " + model.name() + " in several processes";
        Class<? extends ServiceProvider> provider = setup.requireProvider(who, "leave --processes out");
        Master master = new Master(
                setup,
                provider,
                WorkerKind.serving(setup.options().processes(), model.can(Model.Ability.INHERITED_LISTENER)));
        master.start();
        return master;
    }

    @Override
    public Dialling dialling(Setup setup) {
        return model.threading().get().dialling(setup);
    }
}

package dev.sluice;

import dev.sluice.threading.Threading;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One row of the table of models: a way of waiting and a way of running loops that make sense together.
 *
 * @param name what {@code --model} takes
 * @param family its family
 * @param what what it is, in one line
 * @param fits the workload that it fits, in one line
 * @param abilities what goes with it; all else is refused with the reason
 * @param probe asks this machine; may be slow, is cheap to repeat
 * @param threading makes what runs it
 */
public record Model(
        String name,
        Family family,
        String what,
        String fits,
        Set<Ability> abilities,
        Supplier<Availability> probe,
        Supplier<Threading> threading) {

    /** What a model can do that another can't. */
    public enum Ability {
        /** {@code --loops N} above 1. */
        LOOPS,
        /** {@code --pin}: its loops are threads, which can be kept to a core each. */
        PIN,
        /** Several loops wait on one listening socket. */
        EXCLUSIVE_ACCEPT,
        /** A newcomer can be handed from the loop that accepted it to another. */
        HANDOFF_ACCEPT,
        /** An open connection can move from loop to loop. */
        MOVE,
        /** Handlers can run on workers. */
        WORKERS,
        /** {@code Client.dial}. */
        DIAL,
        /** All connections live in one process, so that sessions can share state. */
        ONE_PROCESS,
        /** Holds as many connections as there are descriptors. */
        MANY_CONNECTIONS,
        /** Holds more connections than its process may hold descriptors, in tables of its own (Linux 6.8). */
        OWN_TABLES,
        /** Takes over a listening socket that another process opened, and shares it. */
        INHERITED_LISTENER,
        /** Unix-domain sockets. */
        UNIX_SOCKETS,
        /** {@code sendfile(2)}: a file's bytes are not copied through user memory. */
        SENDFILE,
        /** {@code --shed}: closes newcomers through a descriptor in reserve when no other is left. */
        SHED,
        /** All the system calls that serve its connections are counted: none is made by the JDK behind its back. */
        COUNTED_CALLS,
        /** A wait takes no longer for connections that are silent. */
        FREE_IDLE,
        /** {@code Connection.events}: signals, child processes, files, datagrams, names. */
        KERNEL_EVENTS,
        /** Runs on macOS. */
        ON_MACOS,
        /** Runs on Windows. */
        ON_WINDOWS
    }

    public Availability availability() {
        return probe.get();
    }

    public boolean can(Ability ability) {
        return abilities.contains(ability);
    }
}

package dev.sluice;

import java.util.function.Supplier;

/**
 * Something that all connections of one serialization domain share, such as a pool of connections: a value for each domain,
 * made when it is first asked for. On models with loops a domain is a loop, and serves many connections; on {@code threads}
 * and {@code virtual} it is one connection with those that it dialled, and ends with the last of them.
 *
 * @param <T> the values; each is used inside its own domain only
 */
public final class DomainLocal<T> {
    private final Supplier<? extends T> initial;

    private DomainLocal(Supplier<? extends T> initial) {
        this.initial = initial;
    }

    /** @param initial makes a domain's value; called inside that domain */
    public static <T> DomainLocal<T> withInitial(Supplier<? extends T> initial) {
        return new DomainLocal<>(initial);
    }

    /** The value of a connection's domain, which the connection does not leave from now on. From the session's callbacks. */
    public T get(Connection connection) {
        return Client.local(connection, this);
    }

    /** A first value; for the runtime. */
    public T initial() {
        return initial.get();
    }

    /** Whether a connection's domain serves others, and goes on without it. From the session's callbacks. */
    public static boolean isShared(Connection connection) {
        return Client.isDomainShared(connection);
    }
}

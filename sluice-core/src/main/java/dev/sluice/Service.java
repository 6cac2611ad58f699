package dev.sluice;

/**
 * A protocol: opens one {@link Session} for each connection.
 *
 * <p>{@link #open} is called in the connection's serialization domain, before any other callback of that session, and
 * may already write. It runs on whichever thread the model uses, so one service may be opening sessions on several
 * threads at once.
 */
@FunctionalInterface
public interface Service {
    /**
     * Opens the protocol's state for a connection.
     *
     * @param connection the session's only way to the world; valid until {@link Session#closed}
     * @return the session; an exception closes the connection with {@link Cause.Kind#FAILURE}
     */
    Session open(Connection connection) throws Exception;

    /**
     * Says why this service must live in a single process (shared state between connections), or null where any number
     * of processes may serve it. A model of several processes ({@code prefork}) refuses a service that gives a reason.
     */
    default @org.jspecify.annotations.Nullable String singleProcessReason() {
        return null;
    }
}

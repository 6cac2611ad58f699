package dev.sluice.threading;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A domain's open connections, linked through themselves, so that nothing is allocated for one. Used inside the domain.
 */
final class ConnectionList {
    private @Nullable SocketConnection first;
    private volatile int count;

    /** How many there are; from any thread. */
    int count() {
        return count;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written inside the domain only
    void add(SocketConnection connection) {
        connection.next = first;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
        count++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written inside the domain only
    void remove(SocketConnection connection) {
        if (connection.previous == null) {
            first = connection.next;
        } else {
            connection.previous.next = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
        connection.previous = null; // it may join another list
        connection.next = null;
        count--;
    }

    /** The first that is wanted; also from another thread, while the domain is held and so the list stands still. */
    @Nullable
    SocketConnection find(Predicate<SocketConnection> wanted) {
        SocketConnection c = first;
        for (int left = count; c != null && left > 0; left--) { // never without end, were the list to change after all
            if (wanted.test(c)) {
                return c;
            }
            c = c.next;
        }
        return null;
    }

    /** Visits every connection; the one that is visited may leave. */
    void forEach(Consumer<SocketConnection> visitor) {
        forEach(Integer.MAX_VALUE, visitor);
    }

    /** Visits so many connections at most, those that joined last first. */
    void forEach(int most, Consumer<SocketConnection> visitor) {
        int left = most;
        for (SocketConnection c = first; c != null && left > 0; left--) {
            SocketConnection following = c.next;
            visitor.accept(c);
            c = following;
        }
    }
}

package dev.sluice.source;

import dev.sluice.Connection;
import dev.sluice.events.NameHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A look-up of a name that is under way. */
final class Lookup extends OpenSource implements NamePool.Answer {
    private final NameHandler handler;
    private final Connection.Timer deadline;
    private volatile boolean givenUp;

    private Lookup(DomainEvents events, String host, Duration deadline, NameHandler handler) {
        super(events);
        this.handler = handler;
        this.deadline = events.home()
                .after(
                        deadline.toNanos(),
                        () -> end(List.of(), "'" + host + "' was not resolved within " + deadline.toMillis() + " ms"));
    }

    static Lookup start(DomainEvents events, NamePool pool, String host, Duration deadline, NameHandler handler) {
        Lookup lookup = new Lookup(events, host, deadline, handler);
        if (!pool.ask(host, lookup)) {
            // Not from here: the caller doesn't have the source yet.
            lookup.told(List.of(), "'" + host + "' was not asked for: " + NamePool.QUESTIONS + " names wait already");
        }
        return lookup;
    }

    @Override
    public void told(List<InetAddress> addresses, @Nullable String failure) {
        events.home().submit(() -> end(addresses, failure));
    }

    @Override
    public boolean isGivenUp() {
        return givenUp;
    }

    private void end(List<InetAddress> addresses, @Nullable String failure) {
        call(() -> {
            if (failure != null) {
                handler.failed(failure);
            } else {
                handler.resolved(addresses);
            }
        });
        close();
    }

    @Override
    void release() {
        givenUp = true;
        deadline.cancel();
        events.ended(this);
    }
}

package dev.sluice.source;

import dev.sluice.events.SignalHandler;
import dev.sluice.os.JvmSignal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A signal of the process for one domain; the virtual machine's thread brings it ({@link JvmSignal} says why). */
final class SignalSource extends OpenSource {
    /** A signal that is taken over, for all who are told of it. */
    private static final class Taken {
        final List<SignalSource> sources = new CopyOnWriteArrayList<>();
        final JvmSignal signal;

        Taken(String name) {
            signal = JvmSignal.handle(name, () -> sources.forEach(SignalSource::arrived));
        }
    }

    /** By name; guarded by itself. */
    private static final Map<String, Taken> TAKEN = new HashMap<>();

    private final String name;
    private final SignalHandler handler;
    private final AtomicInteger count = new AtomicInteger();

    private SignalSource(DomainEvents events, String name, SignalHandler handler) {
        super(events);
        this.name = name;
        this.handler = handler;
    }

    static SignalSource open(DomainEvents events, String name, SignalHandler handler) {
        SignalSource source = new SignalSource(events, name, handler);
        synchronized (TAKEN) {
            TAKEN.computeIfAbsent(name, Taken::new).sources.add(source);
        }
        return source;
    }

    /** On a thread of the virtual machine's: one task, however many come until it runs. */
    private void arrived() {
        if (count.getAndIncrement() == 0) {
            events.home().submit(() -> {
                int times = count.getAndSet(0);
                call(() -> handler.signalled(times));
            });
        }
    }

    @Override
    void release() {
        synchronized (TAKEN) {
            Taken taken = TAKEN.get(name);
            if (taken != null && taken.sources.remove(this) && taken.sources.isEmpty()) {
                TAKEN.remove(name);
                taken.signal.restore();
            }
        }
        events.ended(this);
    }
}

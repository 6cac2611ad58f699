package dev.sluice.source;

import dev.sluice.events.Source;

/** A source that is open, or is being closed: what all of them have to do with their events. */
abstract class OpenSource implements Source {
    /** A call of a handler. */
    interface Call {
        void run() throws Exception;
    }

    final DomainEvents events;
    private boolean closed;

    OpenSource(DomainEvents events) {
        this.events = events;
    }

    final boolean isClosed() {
        return closed;
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            release();
        }
    }

    /** Gives everything back, and sees to it that {@link DomainEvents#ended} follows. */
    abstract void release();

    /** Calls the handler, unless the source is closed; what that throws closes it. */
    final void call(Call call) {
        if (closed) {
            return;
        }
        try {
            call.run();
        } catch (Throwable e) {
            events.failed(this, e);
            close();
        }
    }
}

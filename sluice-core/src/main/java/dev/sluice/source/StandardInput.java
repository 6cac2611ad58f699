package dev.sluice.source;

import dev.sluice.events.InputHandler;
import dev.sluice.events.InputSource;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Descriptor 0. It is never made non-blocking: that flag belongs to what is open there, which other processes have too (a shell
 * its terminal); so poll(2) is asked before each read(2). A regular file, which epoll refuses, is always ready (see {@link
 * dev.sluice.engine.Watch}).
 */
final class StandardInput extends OpenSource implements InputSource, StreamReader.Listener {
    private static final int DESCRIPTOR = 0;
    private static final AtomicBoolean TAKEN = new AtomicBoolean();

    private final InputHandler handler;
    private final StreamReader reader;

    private StandardInput(DomainEvents events, InputHandler handler) {
        super(events);
        this.handler = handler;
        this.reader = new StreamReader(events, DESCRIPTOR, true, this);
    }

    static StandardInput open(DomainEvents events, InputHandler handler) {
        if (!TAKEN.compareAndSet(false, true)) {
            throw new IllegalStateException("standard input is being read already: close that source first");
        }
        return new StandardInput(events, handler);
    }

    @Override
    public void pause() {
        reader.pause();
    }

    @Override
    public void resume() {
        reader.resume();
    }

    @Override
    public void offered(ByteBuffer bytes) {
        call(() -> handler.received(bytes));
    }

    @Override
    public void over(int result) {
        call(() -> {
            if (result == 0) {
                handler.ended();
            } else {
                handler.failed("read(standard input): " + Errno.describe(-result));
            }
        });
        close();
    }

    @Override
    void release() {
        reader.close();
        TAKEN.set(false);
        events.ended(this);
    }
}

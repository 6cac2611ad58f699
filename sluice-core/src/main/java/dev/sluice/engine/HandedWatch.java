package dev.sluice.engine;

import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Watch} of another thread's engine: what is asked goes there as a task, and what is found comes home as one. Used at
 * home only.
 */
public final class HandedWatch implements Watch {
    private final Executor there;
    private final Runnable gone;
    /** There only. */
    private @Nullable Watch watch;

    private int armed;
    private boolean closed;

    /**
     * A watch that is not armed.
     *
     * @param there runs tasks on the engine's thread, in their order
     * @param make makes the engine's watch, there
     * @param home runs tasks where this watch is used
     * @param gone runs there once nothing of it is left
     */
    public HandedWatch(Executor there, Executor home, Function<Ready, Watch> make, Ready ready, Runnable gone) {
        this.there = there;
        this.gone = gone;
        there.execute(() -> watch = make.apply(events -> home.execute(() -> tell(events, ready))));
    }

    private void tell(int events, Ready ready) {
        if (!closed && armed != 0) {
            armed = 0;
            ready.ready(events); // perhaps what was asked for before: then it is spurious, and asked for again
        }
    }

    @Override
    public void arm(int interest) {
        if (!closed && interest != armed) {
            armed = interest;
            there.execute(() -> {
                if (watch != null) {
                    watch.arm(interest);
                }
            });
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            there.execute(() -> {
                if (watch != null) {
                    watch.close();
                }
                gone.run();
            });
        }
    }
}

package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();

    private final Logger logger = new Logger() {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, @Nullable String text, Throwable thrown) {
            logged.add(level + " " + text + " " + thrown.getMessage());
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, @Nullable String text, Object... parameters) {
            logged.add(level + " " + text);
        }
    };

    /** It was started while its class was initialized: without a thread left then, logging failed for good. */
    @Test
    void aThreadThatCanNotBeStartedNowIsStartedWithTheNextLine() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        LogWriter writer = new LogWriter(logger, body -> {
            if (tries.getAndIncrement() == 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return Thread.ofPlatform().daemon().start(body);
        });
        writer.log(Level.WARNING, "there is no thread left", null);
        writer.log(Level.ERROR, "there is one again", new IllegalStateException("why"));
        assertThat(List.of(next(), next()))
                .containsExactly("WARNING there is no thread left", "ERROR there is one again why");
        assertThat(tries).hasValue(2);
    }

    private String next() throws InterruptedException {
        return String.valueOf(logged.poll(15, TimeUnit.SECONDS));
    }
}

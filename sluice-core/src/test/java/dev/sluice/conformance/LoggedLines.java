package dev.sluice.conformance;

import dev.sluice.sim.Blocking;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the runtime logs meanwhile, kept from the console. */
final class LoggedLines extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.sluice");
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    LoggedLines() {
        logger.addHandler(this);
        logger.setUseParentHandlers(false);
    }

    /** The lines in whose text or exception a text occurs; in a world, of its story, where its runtime's lines go. */
    long count(String text) {
        if (Blocking.inWorld()) {
            return Blocking.logged().stream()
                    .filter(line -> line.contains(text))
                    .count();
        }
        return records.stream()
                .filter(r -> String.valueOf(r.getMessage()).contains(text)
                        || String.valueOf(r.getThrown()).contains(text))
                .count();
    }

    @Override
    public void publish(LogRecord line) {
        records.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}

package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a window and of several, on a disk whose reads are short. */
@Timeout(60)
class ReadAheadTest {
    private static final int SHORT = 600_000;
    private static final String NAME = "log-000001";

    @TempDir
    Path directory;

    /** Shows pieces of a size, each byte once, up to a number of bytes. */
    private static final class Collector implements ReadAhead.Reader {
        final ByteBuffer found;
        final int piece;
        boolean ended;

        Collector(int most, int piece) {
            found = ByteBuffer.allocate(most);
            this.piece = piece;
        }

        @Override
        public int read(ByteBuffer bytes, long offset) {
            assertThat(offset).isEqualTo(found.position());
            while (found.remaining() >= piece) {
                if (bytes.remaining() < piece) {
                    return piece;
                }
                found.put(bytes.slice(bytes.position(), piece));
                bytes.position(bytes.position() + piece);
            }
            return STOP;
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    /** Reads so much at most at a time, as a disk may. */
    private static Disk withShortReads(Disk disk) {
        Class<?>[] types = {Disk.class};
        return (Disk) Proxy.newProxyInstance(Disk.class.getClassLoader(), types, (proxy, method, arguments) -> {
            if (method.getName().equals("read")) {
                ByteBuffer into = (ByteBuffer) arguments[1];
                int limit = into.limit();
                LongConsumer done = (LongConsumer) arguments[3];
                into.limit(Math.min(limit, into.position() + SHORT));
                disk.read((int) arguments[0], into, (long) arguments[2], result -> {
                    into.limit(limit);
                    done.accept(result);
                });
                return null;
            }
            try {
                return method.invoke(disk, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private void read(int size, Collector reader) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Files.write(directory.resolve(NAME), bytes);
        List<String> failures = new ArrayList<>();
        try (DrivenDisk disk = DiskEngine.BLOCKING.open(DiskOptions.standard())) {
            LogDirectory files = new LogDirectory(
                    withShortReads(disk), directory.toString(), (what, errno) -> failures.add(what + ": " + errno));
            ReadAhead.read(files, new LogFile(NAME, size, null), 0, reader);
            while (!reader.ended && failures.isEmpty()) {
                disk.poll(-1);
            }
            while (disk.poll(0) > 0) {} // what is still under way may fail
        }
        assertThat(failures).isEmpty();
        assertThat(reader.found.flip()).isEqualTo(ByteBuffer.wrap(bytes, 0, reader.found.limit()));
    }

    /** The last is longer than a window. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 300_000, 2_500_000})
    void eachByteIsShownOnceAndInOrder(int piece) throws IOException {
        read(3 * piece, new Collector(3 * piece, piece));
        read(20 * piece, new Collector(20 * piece, piece));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 5_000_000})
    void whereItStopsWhatIsReadAheadStillNeedsTheFile(int size) throws IOException {
        read(size, new Collector(1000, 1000));
    }
}

package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Directory;
import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import dev.sluice.sim.Blocking;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEveryModel
@DisplayName("Files")
class FilesTest extends Conformance {
    private static final int SIZE = 3 << 20;

    @TempDir
    Path directory;

    private String name;

    @Override
    void prepare() throws IOException {
        name = directory.toString();
        write("file", SIZE);
        write("empty", 0);
    }

    /** Puts a file of the pattern's first bytes there: on the disk of the machine that serves. */
    private void write(String file, int size) throws IOException {
        Path path = directory.resolve(file);
        if (Blocking.inWorld()) {
            Blocking.host().disk().put(path.toString(), Pattern.bytes(size));
        } else {
            Files.write(path, Pattern.bytes(size));
        }
    }

    /** Cuts a file's end off. */
    private void truncate(String file, int size) throws IOException {
        Path path = directory.resolve(file);
        if (Blocking.inWorld()) {
            Blocking.truncate(path.toString(), size);
        } else {
            try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "rw")) {
                open.setLength(size);
            }
        }
    }

    /** Opens a file as a session sees it; the caller releases it. */
    private static OpenFile open(Connection connection, String directory, String file) {
        try (Directory opened = connection.files().directory(Path.of(directory))) {
            Directory.Lookup lookup = opened.open(file, false);
            if (lookup.file() == null) {
                throw new IllegalStateException(lookup.toString());
            }
            return lookup.file();
        }
    }

    /** Counts references, and passes all else on. */
    private record Counted(OpenFile file, Trace trace, int[] references) implements OpenFile {
        Counted(OpenFile file, Trace trace) {
            this(file, trace, new int[] {1});
        }

        @Override
        public long sizeBytes() {
            return file.sizeBytes();
        }

        @Override
        public long modifiedMillis() {
            return file.modifiedMillis();
        }

        @Override
        public long version() {
            return file.version();
        }

        @Override
        public int read(java.nio.ByteBuffer into, long position) {
            return file.read(into, position);
        }

        @Override
        public int descriptor() {
            return file.descriptor();
        }

        @Override
        public synchronized OpenFile retain() {
            references[0]++;
            return this;
        }

        @Override
        public synchronized void release() {
            if (--references[0] == 0) {
                file.release();
                trace.say("released");
            }
        }
    }

    @Test
    @DisplayName("a whole file is sent, and let go afterwards")
    void wholeFile() throws Exception {
        String dir = name;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "file"), t);
            t.say("transfer " + c.transfer(new FileRegion(file, 0, file.sizeBytes())));
            file.release();
            c.end();
        }));
        assertThat(connect().digest()).isEqualTo(Pattern.digestOf(SIZE));
        witness.await("released");
        assertThat(witness.awaitRest("transfer ")).isEqualTo("false");
    }

    @Test
    @DisplayName("a part of a file is sent, from its position")
    void part() throws Exception {
        String dir = name;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            OpenFile file = open(c, dir, "file");
            c.transfer(new FileRegion(file, 12_345, 100_000));
            file.release();
            c.end();
        }));
        assertThat(connect().rest().bytes()).isEqualTo(Pattern.fill(new byte[100_000], 12_345));
    }

    @Test
    @DisplayName("several regions and writes between them keep their order")
    void regionsAndWrites() throws Exception {
        String dir = name;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            OpenFile file = open(c, dir, "file");
            c.write(Pattern.bytes(10), 0, 10);
            c.transfer(new FileRegion(file, 10, 200_000));
            c.write(Pattern.fill(new byte[90], 200_010), 0, 90);
            c.transfer(new FileRegion(file, 200_100, 5));
            c.transfer(new FileRegion(file, 200_105, SIZE - 200_105));
            c.write(new byte[] {'.'}, 0, 1);
            file.release();
            c.end();
        }));
        TestClient client = connect();
        assertThat(client.readBytes(SIZE)).isEqualTo(Pattern.bytes(SIZE));
        assertThat(client.rest().text()).isEqualTo(".");
    }

    @Test
    @DisplayName("drained follows when a region is sent, once")
    void drainedFollows() throws Exception {
        String dir = name;
        serve((c, t) -> {
            OpenFile file = open(c, dir, "file");
            int[] sent = {0};
            Actor.Step next = () -> {
                t.say("sends");
                c.transfer(new FileRegion(file, sent[0], SIZE / 4));
                sent[0] += SIZE / 4;
            };
            return new Actor(c, t).onOpened(next).onDrained(() -> {
                t.say("drained");
                if (sent[0] < SIZE) {
                    next.run();
                } else {
                    file.release();
                    c.end();
                }
            });
        });
        TestClient client = connectNarrow();
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(SIZE));
        client.close();
        witness.await("closed END");
        assertThat(witness.lines())
                .containsExactly(
                        "sends", "drained", "sends", "drained", "sends", "drained", "sends", "drained", "closed END");
    }

    @Test
    @DisplayName("an empty region is nothing")
    void emptyRegion() throws Exception {
        String dir = name;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "empty"), t);
            t.say("transfer " + c.transfer(new FileRegion(file, 0, 0)));
            file.release();
            Actor.write(c, "after");
            c.end();
        }));
        assertThat(connect().rest().text()).isEqualTo("after");
        assertThat(witness.awaitRest("transfer ")).isEqualTo("true");
        witness.await("released");
    }

    @Test
    @DisplayName("a file that becomes shorter while it is sent closes the connection rather than hang")
    void truncated() throws Exception {
        String dir = name;
        int size = 24 << 20;
        write("large", size);
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "large"), t);
            c.transfer(new FileRegion(file, 0, file.sizeBytes()));
            file.release();
            t.say("sending");
        }));
        TestClient client = connectNarrow();
        witness.await("sending");
        client.readBytes(1_000);
        truncate("large", 1_000);
        assertThat(client.rest().bytes().length).isLessThan(size - 1_000);
        witness.await("released");
        assertThat(witness.awaitRest("closed ")).isEqualTo("ERROR");
    }

    @Test
    @DisplayName("a region that is promised longer than its file closes the connection")
    void promisedTooMuch() throws Exception {
        String dir = name;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "file"), t);
            c.transfer(new FileRegion(file, SIZE - 10, 20));
            file.release();
        }));
        assertThat(connect().rest().bytes().length).isLessThanOrEqualTo(10);
        witness.await("released");
        assertThat(witness.awaitRest("closed ")).isEqualTo("ERROR");
    }

    @Test
    @DisplayName("a peer that resets while a file is sent has the file let go")
    void resetWhileSending() throws Exception {
        String dir = name;
        int size = 24 << 20;
        write("large", size);
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "large"), t);
            c.transfer(new FileRegion(file, 0, size));
            file.release();
            t.say("sending");
        }));
        TestClient client = connectNarrow();
        witness.await("sending");
        client.readBytes(1_000);
        client.reset();
        witness.await("closed RESET");
        witness.await("released");
    }

    @Test
    @DisplayName("an abort while a file is sent has the file let go")
    void abortWhileSending() throws Exception {
        String dir = name;
        int size = 24 << 20;
        write("large", size);
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Counted file = new Counted(open(c, dir, "large"), t);
            c.transfer(new FileRegion(file, 0, size));
            c.transfer(new FileRegion(file, 0, size));
            file.release();
            c.after(TimeUnit.MILLISECONDS.toNanos(20), c::abort);
        }));
        TestClient client = connectNarrow();
        client.readBytes(1_000);
        witness.await("closed LOCAL");
        witness.await("released");
        assertThat(client.rest().bytes().length).isLessThan(size);
    }
}

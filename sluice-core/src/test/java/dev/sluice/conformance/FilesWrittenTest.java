package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.Errno;
import dev.sluice.sim.Blocking;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link dev.sluice.events.Events#disk} in a session; what a disk does is {@code dev.sluice.disk}'s suite to say. */
@OnEveryModel
@DisplayName("Files written by a session")
class FilesWrittenTest extends Conformance {
    private static final int UNDER_WAY = 100;

    @TempDir
    Path directory;

    private String name;

    @Override
    void prepare() {
        name = directory.resolve("file").toString();
        if (Blocking.inWorld()) {
            Blocking.host().disk().putDirectory(directory.toString());
        }
    }

    /** Writes what comes to a file, a piece at a time, and says so when it is durable. */
    private static final class Keeper extends Actor {
        private final Disk disk;
        private int file;
        private long end;

        Keeper(Connection connection, Trace trace, String name) {
            super(connection, trace);
            this.disk = connection.events().disk();
            onOpened(() -> {
                connection.pauseReading();
                disk.open(name, Set.of(DiskOption.WRITE, DiskOption.CREATE), opened -> {
                    if (opened < 0) {
                        trace.say("refused " + Errno.name((int) -opened));
                    }
                    file = (int) opened;
                    connection.resumeReading();
                });
            });
            onReceived(this::keep);
        }

        private void keep(ByteBuffer input) {
            ByteBuffer piece = disk.lend(input.remaining()).put(input).flip();
            connection.pauseReading();
            disk.writeAndSync(file, piece, end, written -> {
                disk.takeBack(piece);
                end += written;
                Actor.write(connection, "kept " + end + "\n");
                connection.resumeReading();
            });
        }
    }

    @Test
    @DisplayName("are durable when it is told so, in its own domain")
    void kept() throws Exception {
        String file = name;
        serve((c, t) -> new Keeper(c, t, file));
        TestClient client = connect();
        assertThat(client.send("hello").read(7)).isEqualTo("kept 5\n");
        assertThat(client.send(", world").read(8)).isEqualTo("kept 12\n");
        assertThat(content(file)).isEqualTo("hello, world");
        client.end().rest();
    }

    private static String content(String file) throws Exception {
        byte[] bytes = Blocking.inWorld() ? Blocking.host().disk().content(file) : Files.readAllBytes(Path.of(file));
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    @DisplayName("are closed with the connection, and nothing is told after that")
    void closed() throws Exception {
        String file = name;
        serve((c, t) -> {
            Disk disk = c.events().disk();
            return new Actor(c, t)
                    .onOpened(() -> disk.open(file, Set.of(DiskOption.WRITE, DiskOption.CREATE), opened -> {
                        ByteBuffer one = disk.lend(1).put((byte) 'x').flip();
                        for (int i = 0; i < UNDER_WAY; i++) {
                            disk.writeAndSync((int) opened, one.duplicate(), i, written -> t.say("told"));
                        }
                        c.abort();
                    }));
        });
        long before = Census.descriptors();
        TestClient client = TestClient.connect((InetSocketAddress) server().address());
        witness.await("closed LOCAL");
        client.close();
        Await.until("the file's descriptor", () -> Census.descriptors() <= before);
        assertThat(witness.lines()).doesNotContain("told");
    }
}

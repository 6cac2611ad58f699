package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Directory;
import dev.sluice.Directory.Lookup;
import dev.sluice.Directory.Outcome;
import dev.sluice.OpenFile;
import dev.sluice.threading.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A world's files answer as the kernel's do. */
class SimFilesTest {
    private static final String[] NAMES = {"a", "b", "c", "ä", "..", ".", "", "x".repeat(255), "x".repeat(256)};

    @TempDir
    private Path temp;

    private final World world = World.builder(1).faults(Faults.none()).build();
    private final Host host = world.host("here");

    @BeforeEach
    void roots() throws IOException {
        Files.createDirectories(temp.resolve("site"));
        host.disk().putDirectory("/site");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void put(String path, String content) throws IOException {
        Files.createDirectories(temp.resolve(path).getParent());
        Files.writeString(temp.resolve(path), content);
        host.disk().put("/" + path, content.getBytes(StandardCharsets.UTF_8));
    }

    private void link(String path, String target) throws IOException {
        Files.createDirectories(temp.resolve(path).getParent());
        Files.createSymbolicLink(temp.resolve(path), Path.of(target));
        host.disk().putLink("/" + path, target);
    }

    /** Outcome and content. */
    private static String answer(Directory directory, String path, boolean followLinks) {
        Lookup lookup = directory.open(path, followLinks);
        OpenFile file = lookup.file();
        if (file == null) {
            return lookup.outcome().toString();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) file.sizeBytes());
        assertThat(file.read(bytes, 0)).isEqualTo((int) file.sizeBytes());
        file.release();
        return lookup.outcome() + " " + new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private static @Nullable List<String> names(Directory directory, String path, boolean followLinks, int limit) {
        Directory.Listing listing = directory.list(path, followLinks, limit);
        return listing.outcome() != Directory.Outcome.DIRECTORY
                ? null
                : listing.entries().stream()
                        .map(e -> e.name() + (e.directory() ? "/" : " " + e.sizeBytes()))
                        .toList();
    }

    /** Any tree of files and links, any paths through it: the same answers on a disk of a world and on this machine's. */
    @Test
    void answersAsTheKernelDoes() throws IOException {
        Dice dice = new Dice(7);
        put("outside/secret", "secret");
        put("site/a", "file a");
        put("site/b/a", "file a in b");
        put("site/b/c/a", "deep");
        link("site/c", "b");
        link("site/b/ä", "../a");
        link("site/b/out", "../../outside/secret");
        link("site/b/absolute", "/outside/secret");
        link("site/loop", "loop");
        link("site/dangling", "none");
        link("site/b/up", "..");
        String[] more = {"out", "absolute", "loop", "dangling", "up", "none"};
        try (Directory real = Environment.MACHINE.files().directory(temp.resolve("site"));
                Directory simulated = host.files().directory(Path.of("/site"))) {
            for (int i = 0; i < 20_000; i++) {
                StringBuilder path = new StringBuilder(dice.chance(0.02) ? "/" : "");
                for (int n = 1 + dice.below(5); n > 0; n--) {
                    path.append(dice.chance(0.7) ? dice.any(NAMES) : dice.any(more))
                            .append(n > 1 ? "/" : "");
                }
                boolean followLinks = dice.nextBoolean();
                assertThat(answer(simulated, path.toString(), followLinks))
                        .as(path + (followLinks ? ", links followed" : ""))
                        .isEqualTo(answer(real, path.toString(), followLinks));
                int limit = dice.below(8);
                List<String> expected = names(real, path.toString(), followLinks, limit);
                List<String> listed = names(simulated, path.toString(), followLinks, limit);
                if (expected != null && listed != null) { // a directory's own size is its file system's
                    expected = expected.stream().filter(n -> !n.endsWith("/")).toList();
                    listed = listed.stream().filter(n -> !n.endsWith("/")).toList();
                }
                assertThat(listed).as("the list of " + path).isEqualTo(expected);
            }
        }
    }

    @Test
    void anOpenFileIsWhatItWasWhenItWasOpened() throws IOException {
        put("site/a", "first");
        try (Directory directory = host.files().directory(Path.of("/site"))) {
            OpenFile first = Objects.requireNonNull(directory.open("a", false).file());
            host.disk().put("/site/a", "second".getBytes(StandardCharsets.UTF_8));
            OpenFile second = Objects.requireNonNull(directory.open("a", false).file());
            assertThat(first.sizeBytes()).isEqualTo(5);
            assertThat(second.sizeBytes()).isEqualTo(6);
            assertThat(first.version()).isNotEqualTo(second.version());
            assertThat(first.descriptor()).isNotEqualTo(second.descriptor());
            assertThat(host.descriptorCount()).isEqualTo(3);
            first.retain().release();
            first.release();
            second.release();
            assertThat(host.descriptorCount()).isEqualTo(1);
            assertThatThrownBy(first::release).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> first.read(ByteBuffer.allocate(1), 0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatCannotBeThereIsRefused() {
        assertThatThrownBy(() -> host.files().directory(Path.of("/none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("host.disk().put");
        Directory directory = host.files().directory(Path.of("/site"));
        host.descriptorLimit(1);
        host.disk().put("/site/a", new byte[1]);
        assertThat(directory.open("a", false).outcome()).isEqualTo(Outcome.ERROR);
        directory.close();
        assertThatThrownBy(() -> directory.open("a", false)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ofBeforeACrashNothingIsLeft() throws IOException {
        put("site/a", "text");
        Directory directory = host.files().directory(Path.of("/site"));
        OpenFile file = Objects.requireNonNull(directory.open("a", false).file());
        host.crash();
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(HostCrash.class);
        assertThatThrownBy(() -> directory.open("a", false)).isInstanceOf(HostCrash.class);
        file.release();
        directory.close();
        assertThat(host.descriptorCount()).isZero();
    }
}

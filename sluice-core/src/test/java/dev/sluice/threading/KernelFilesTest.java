package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Directory;
import dev.sluice.Directory.Entry;
import dev.sluice.Directory.Listing;
import dev.sluice.Directory.Lookup;
import dev.sluice.Directory.Outcome;
import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each behaviour with openat2(2), and with the walk that stands in for it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KernelFilesTest {
    private static final int LIMIT = 1000;

    @TempDir
    private Path temp;

    private Path root;
    private Path outside;
    private Directory directory;

    @BeforeEach
    void makeTree() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        outside = Files.createDirectory(temp.resolve("outside"));
        write(outside.resolve("secret"), "secret");
        write(root.resolve("a.txt"), "hello");
        Files.createDirectory(root.resolve("sub"));
        write(root.resolve("sub/b.txt"), "below");
        Files.createDirectory(root.resolve("sub/deep"));
    }

    @AfterEach
    void close() {
        if (directory != null) {
            directory.close();
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    private static void link(Path link, String target) throws IOException {
        Files.createSymbolicLink(link, Path.of(target));
    }

    /** The test's directory, with openat2 or as on a system that has none. */
    private void open(boolean openat2) {
        if (openat2) {
            directory = KernelFiles.INSTANCE.directory(root);
        } else {
            int flags = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
            int fd = FileCalls.openat(FileCalls.AT_FDCWD, root.toString(), flags, 0, CallState.global());
            assertThat(fd).isNotNegative();
            directory = new KernelDirectory(fd, false);
        }
    }

    private Outcome outcome(String relative, boolean followLinks) {
        Lookup lookup = directory.open(relative, followLinks);
        if (lookup.file() != null) {
            lookup.file().release();
        }
        return lookup.outcome();
    }

    private String text(String relative, boolean followLinks) {
        Lookup lookup = directory.open(relative, followLinks);
        assertThat(lookup.outcome()).as(relative + ": " + lookup.detail()).isEqualTo(Outcome.FILE);
        OpenFile file = Objects.requireNonNull(lookup.file());
        ByteBuffer bytes = ByteBuffer.allocate((int) file.sizeBytes());
        assertThat(file.read(bytes, 0)).isEqualTo((int) file.sizeBytes());
        file.release();
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private static long descriptors() throws IOException {
        Path self = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(self), "descriptors are counted in /proc, which is not here");
        try (Stream<Path> open = Files.list(self)) {
            return open.count();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensFilesBelow(boolean openat2) {
        open(openat2);
        for (boolean followLinks : new boolean[] {true, false}) {
            assertThat(text("a.txt", followLinks)).isEqualTo("hello");
            assertThat(text("sub/b.txt", followLinks)).isEqualTo("below");
            assertThat(text("sub//b.txt", followLinks)).isEqualTo("below");
            assertThat(text("./sub/./b.txt", followLinks)).isEqualTo("below");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsWhatItFound(boolean openat2) {
        open(openat2);
        for (boolean followLinks : new boolean[] {true, false}) {
            assertThat(outcome("", followLinks)).isEqualTo(Outcome.DIRECTORY);
            assertThat(outcome("sub", followLinks)).isEqualTo(Outcome.DIRECTORY);
            assertThat(outcome("sub/", followLinks)).isEqualTo(Outcome.DIRECTORY);
            assertThat(outcome("none", followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("none/none", followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("a.txt/b", followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("a.txt/", followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("n".repeat(300), followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("n/".repeat(3000), followLinks)).isEqualTo(Outcome.NOT_FOUND);
            assertThat(outcome("a.txt\0.html", followLinks)).isEqualTo(Outcome.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesWhatLeadsOutside(boolean openat2) throws IOException {
        link(root.resolve("absolute"), outside.resolve("secret").toString());
        link(root.resolve("relative"), "../outside/secret");
        link(root.resolve("sub/twice"), "../../outside");
        link(root.resolve("chain"), "sub/twice");
        open(openat2);
        for (boolean followLinks : new boolean[] {true, false}) {
            for (String path : List.of(
                    "..",
                    "../outside/secret",
                    "sub/../../outside/secret",
                    "/etc/passwd",
                    outside.resolve("secret").toString(),
                    "absolute",
                    "relative",
                    "sub/twice/secret",
                    "chain/secret",
                    "sub/deep/../../../outside/secret")) {
                assertThat(outcome(path, followLinks)).as(path).isEqualTo(Outcome.FORBIDDEN);
                assertThat(directory.list(path, followLinks, LIMIT).outcome())
                        .as(path)
                        .isIn(Outcome.FORBIDDEN, Outcome.NOT_FOUND);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsLinksInsideByOptionOnly(boolean openat2) throws IOException {
        link(root.resolve("file"), "a.txt");
        link(root.resolve("dir"), "sub/deep/..");
        link(root.resolve("sub/deep/up"), "../../a.txt");
        link(root.resolve("loop"), "loop");
        open(openat2);
        assertThat(text("file", true)).isEqualTo("hello");
        assertThat(text("dir/b.txt", true)).isEqualTo("below");
        assertThat(text("sub/deep/up", true)).isEqualTo("hello");
        assertThat(outcome("dir", true)).isEqualTo(Outcome.DIRECTORY);
        assertThat(outcome("loop", true)).isEqualTo(Outcome.FORBIDDEN);
        for (String path : List.of("file", "dir", "dir/", "dir/b.txt", "sub/deep/up", "loop")) {
            assertThat(outcome(path, false)).as(path).isEqualTo(Outcome.FORBIDDEN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensNoFifoAndNeverWaitsForOne(boolean openat2) throws IOException, InterruptedException {
        Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start();
        assertThat(mkfifo.waitFor()).isZero();
        open(openat2);
        assertThat(outcome("fifo", false)).isEqualTo(Outcome.SPECIAL);
        assertThat(outcome("fifo", true)).isEqualTo(Outcome.SPECIAL);
        assertThat(listed("", true)).extracting(Entry::name).containsExactly("a.txt", "sub");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsAtAPositionIntoAnyBuffer(boolean openat2) throws IOException {
        byte[] content = new byte[300_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 >> 3);
        }
        Files.write(root.resolve("large"), content);
        open(openat2);
        OpenFile file = Objects.requireNonNull(directory.open("large", false).file());
        for (ByteBuffer into :
                List.of(ByteBuffer.allocate(content.length), ByteBuffer.allocateDirect(content.length))) {
            into.position(7).limit(content.length - 3);
            long position = 1000;
            int n;
            while ((n = file.read(into, position)) > 0) {
                position += n;
            }
            assertThat(n).isZero();
            int length = content.length - 1000;
            assertThat(into.position()).isEqualTo(Math.min(7 + length, content.length - 3));
            byte[] got = new byte[into.position() - 7];
            into.get(7, got);
            assertThat(ByteBuffer.wrap(got)).isEqualTo(ByteBuffer.wrap(content, 1000, got.length));
        }
        assertThat(file.read(ByteBuffer.allocate(10), content.length)).isZero();
        assertThat(file.read(ByteBuffer.allocate(10), -1)).isEqualTo(-Errno.EINVAL);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocateDirect(1).asReadOnlyBuffer(), 0))
                .isInstanceOf(java.nio.ReadOnlyBufferException.class);
        file.release();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsStatesOfAFileApart(boolean openat2) throws IOException {
        open(openat2);
        long before = version("a.txt");
        assertThat(version("a.txt")).isEqualTo(before);
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 1)));
        long touched = version("a.txt");
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 2)));
        long nanosecondLater = version("a.txt");
        write(root.resolve("a.txt"), "hello, longer");
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 2)));
        long longer = version("a.txt");
        write(root.resolve("other"), "hello, longer");
        Files.setLastModifiedTime(root.resolve("other"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 2)));
        Files.move(root.resolve("other"), root.resolve("a.txt"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(List.of(before, touched, nanosecondLater, longer, version("a.txt")))
                .doesNotHaveDuplicates();
        OpenFile file = Objects.requireNonNull(directory.open("a.txt", false).file());
        assertThat(file.modifiedMillis()).isEqualTo(1_000_000_000_000L);
        assertThat(file.sizeBytes()).isEqualTo("hello, longer".length());
        file.release();
    }

    private long version(String relative) {
        OpenFile file = Objects.requireNonNull(directory.open(relative, false).file());
        file.release();
        return file.version();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void listsSortedAndBounded(boolean openat2) throws IOException {
        write(root.resolve(".hidden"), "");
        write(root.resolve("ünï ☃"), "12");
        link(root.resolve("in"), "sub/b.txt");
        link(root.resolve("sub/up"), "../a.txt");
        link(root.resolve("out"), "../outside");
        link(root.resolve("dangling"), "none");
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.fromMillis(1_234_567_890_123L));
        open(openat2);
        assertThat(listed("", false)).extracting(Entry::name).containsExactly(".hidden", "a.txt", "sub", "ünï ☃");
        List<Entry> followed = listed("", true);
        assertThat(followed).extracting(Entry::name).containsExactly(".hidden", "a.txt", "in", "sub", "ünï ☃");
        assertThat(followed.get(1)).isEqualTo(new Entry("a.txt", false, 5, 1_234_567_890_123L));
        assertThat(followed.get(2).sizeBytes()).isEqualTo(5);
        assertThat(followed.get(3).directory()).isTrue();
        assertThat(listed("sub", true)).extracting(Entry::name).containsExactly("b.txt", "deep", "up");
        assertThat(directory.list("", true, 2).entries())
                .extracting(Entry::name)
                .containsExactly(".hidden", "a.txt");
        assertThat(directory.list("", true, 0)).isEqualTo(new Listing(Outcome.DIRECTORY, List.of(), ""));
        assertThat(listed("sub/deep", false)).isEmpty();
        for (String path : List.of("a.txt", "none", "a\0")) {
            assertThat(directory.list(path, false, LIMIT).outcome()).as(path).isEqualTo(Outcome.NOT_FOUND);
        }
    }

    private List<Entry> listed(String path, boolean followLinks) {
        Listing listing = directory.list(path, followLinks, LIMIT);
        assertThat(listing.outcome()).as(listing.detail()).isEqualTo(Outcome.DIRECTORY);
        return listing.entries();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSwapForALinkNeverLeadsOutside(boolean openat2) throws Exception {
        Files.createDirectory(root.resolve("real"));
        write(root.resolve("real/secret"), "public");
        open(openat2);
        AtomicBoolean over = new AtomicBoolean();
        List<Exception> failures = new ArrayList<>();
        Thread swapper = new Thread(() -> swap(over, failures));
        swapper.start();
        int found = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Lookup lookup = directory.open("swapped/secret", i % 2 == 0);
            if (lookup.outcome() == Outcome.FILE) {
                OpenFile file = Objects.requireNonNull(lookup.file());
                assertThat(file.sizeBytes()).isEqualTo("public".length());
                ByteBuffer bytes = ByteBuffer.allocate(6);
                file.read(bytes, 0);
                assertThat(new String(bytes.array(), StandardCharsets.UTF_8)).isEqualTo("public");
                file.release();
                found++;
            } else {
                assertThat(lookup.outcome()).as(lookup.detail()).isIn(Outcome.NOT_FOUND, Outcome.FORBIDDEN);
                refused++;
            }
        }
        over.set(true);
        swapper.join();
        assertThat(failures).isEmpty();
        assertThat(found).as("look-ups that met the directory").isPositive();
        assertThat(refused).as("look-ups that met the link or nothing").isPositive();
    }

    private void swap(AtomicBoolean over, List<Exception> failures) {
        Path swapped = root.resolve("swapped");
        try {
            while (!over.get()) {
                Files.move(root.resolve("real"), swapped);
                Files.move(swapped, root.resolve("real"));
                link(swapped, "../outside");
                Files.delete(swapped);
                link(swapped, outside.toString());
                Files.delete(swapped);
            }
        } catch (IOException e) {
            failures.add(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesNoDescriptorBehind(boolean openat2) throws IOException {
        link(root.resolve("in"), "sub/b.txt");
        link(root.resolve("out"), "../outside");
        long atFirst = descriptors();
        open(openat2);
        for (int i = 0; i < 100; i++) {
            for (String path :
                    List.of("a.txt", "sub/b.txt", "sub", "in", "out", "none", "..", "sub/deep/none", "a\0")) {
                outcome(path, true);
                outcome(path, false);
                directory.list(path, true, 1);
                directory.list(path, false, LIMIT);
            }
        }
        assertThat(descriptors()).isEqualTo(atFirst + 1);
        directory.close();
        directory.close();
        assertThat(descriptors()).isEqualTo(atFirst);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileStaysOpenForItsLastUser(boolean openat2) throws IOException {
        open(openat2);
        OpenFile file = Objects.requireNonNull(directory.open("a.txt", false).file());
        assertThat(file.retain()).isSameAs(file);
        directory.close();
        Files.delete(root.resolve("a.txt"));
        file.release();
        ByteBuffer bytes = ByteBuffer.allocate(5);
        assertThat(file.read(bytes, 0)).isEqualTo(5);
        assertThat(new String(bytes.array(), StandardCharsets.UTF_8)).isEqualTo("hello");
        file.release();
        assertThatThrownBy(file::retain).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::release).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.read(bytes.clear(), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> directory.open("a.txt", false)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> directory.list("", false, 1)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.txt", "none"})
    void refusesWhatIsNoDirectory(String name) {
        assertThatThrownBy(() -> KernelFiles.INSTANCE.directory(root.resolve(name)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(name)
                .hasMessageMatching("(?s).*(ENOTDIR|ENOENT).*");
    }
}

package dev.sluice.sim;

import static dev.sluice.disk.DiskOption.CREATE;
import static dev.sluice.disk.DiskOption.CREATE_NEW;
import static dev.sluice.disk.DiskOption.READ;
import static dev.sluice.disk.DiskOption.TRUNCATE;
import static dev.sluice.disk.DiskOption.WRITE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** What a disk answers, and what of it is left after a crash. */
class SimDiskTest {
    private static final int PAGE = DiskFile.PAGE_BYTES;
    private static final int SECTOR = DiskFile.SECTOR_BYTES;
    private static final Set<DiskOption> FILE = EnumSet.of(READ, WRITE, CREATE);
    private static final Set<DiskOption> LOOK = EnumSet.of(READ);

    /** A host, and its disk, each operation waited for. */
    private static final class Bench implements AutoCloseable {
        final World world;
        final Host host;
        final SimDisk device;
        Disk disk;

        Bench(long seed, Faults faults) {
            world = World.builder(seed).faults(faults).build();
            host = world.host("here");
            device = host.disk();
            disk = host.disk(Runnable::run);
        }

        long wait(Consumer<LongConsumer> operation) {
            long[] told = new long[1];
            List<Long> results = new ArrayList<>();
            operation.accept(result -> {
                told[0] = result;
                results.add(result);
            });
            assertThat(results).as("told from inside the call").isEmpty();
            world.run();
            assertThat(results).hasSize(1);
            return told[0];
        }

        int open(String path, Set<DiskOption> options) {
            int fd = (int) wait(done -> disk.open(path, options, done));
            assertThat(fd).isNotNegative();
            return fd;
        }

        long write(int fd, byte[] bytes, long position) {
            return wait(done -> disk.write(fd, ByteBuffer.wrap(bytes), position, done));
        }

        void sync(int fd) {
            assertThat(wait(done -> disk.sync(fd, done))).isZero();
        }

        void close(int fd) {
            assertThat(wait(done -> disk.close(fd, done))).isZero();
        }

        void syncNames() {
            int root = open("/", LOOK);
            sync(root);
            close(root);
        }

        void crash() {
            host.crash();
            host.restart(java.time.Duration.ofSeconds(1));
            world.run();
            disk = host.disk(Runnable::run);
        }

        @Override
        public void close() {
            world.close();
        }
    }

    private static byte[] filled(int count, char with) {
        return String.valueOf(with).repeat(count).getBytes(UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void bytesAreReadAsTheyWereWritten() {
        try (Bench bench = new Bench(1, Faults.none())) {
            int fd = bench.open("/file", FILE);
            assertThat(bench.write(fd, bytes("hello"), 10_000)).isEqualTo(5);
            assertThat(bench.disk.size(fd)).isEqualTo(10_005);
            ByteBuffer into = ByteBuffer.allocate(20_000);
            assertThat(bench.wait(done -> bench.disk.read(fd, into, 0, done))).isEqualTo(10_005);
            assertThat(into.position()).isEqualTo(10_005);
            assertThat(into.get(9_999)).isZero();
            assertThat(into.get(10_000)).isEqualTo((byte) 'h');
            assertThat(bench.wait(done -> bench.disk.read(fd, into, 10_005, done)))
                    .isZero();
            assertThat(bench.wait(done -> bench.disk.truncate(fd, 10_002, done)))
                    .isZero();
            assertThat(bench.wait(done -> bench.disk.truncate(fd, 10_004, done)))
                    .isZero();
            assertThat(new String(bench.device.content("/file"), UTF_8)).endsWith("he\0\0");
            bench.close(fd);
            assertThat(bench.wait(done -> bench.disk.read(fd, into, 0, done))).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void callsOnNamesAnswerAsTheKernelDoes() {
        try (Bench bench = new Bench(1, Faults.none())) {
            Disk disk = bench.disk;
            bench.device.put("/a/file", bytes("a")).put("/other", bytes("b")).putLink("/link", "a/file");
            assertThat(bench.wait(done -> disk.open("/none", LOOK, done))).isEqualTo(-Errno.ENOENT);
            assertThat(bench.wait(done -> disk.open("/none/x", FILE, done))).isEqualTo(-Errno.ENOENT);
            assertThat(bench.wait(done -> disk.open("/other/x", FILE, done))).isEqualTo(-Errno.ENOTDIR);
            assertThat(bench.wait(done -> disk.open("/other", EnumSet.of(WRITE, CREATE_NEW), done)))
                    .isEqualTo(-Errno.EEXIST);
            assertThat(bench.wait(done -> disk.open("/a", FILE, done))).isEqualTo(-Errno.EISDIR);
            assertThat(bench.wait(done -> disk.remove("/a", done))).isEqualTo(-Errno.ENOTEMPTY);
            assertThat(bench.wait(done -> disk.makeDirectory("/a", done))).isEqualTo(-Errno.EEXIST);
            assertThat(bench.wait(done -> disk.makeDirectory("/a/b", done))).isZero();
            assertThat(bench.wait(done -> disk.rename("/a", "/a/b/c", done))).isEqualTo(-Errno.EINVAL);
            assertThat(bench.wait(done -> disk.rename("/other", "/a", done))).isEqualTo(-Errno.EISDIR);
            assertThat(bench.wait(done -> disk.rename("/a", "/other", done))).isEqualTo(-Errno.ENOTDIR);
            assertThat(bench.wait(done -> disk.rename("/other", "/a/file", done)))
                    .isZero();
            assertThat(bench.device.content("/link")).isEqualTo(bytes("b"));
            int fd = bench.open("/link", EnumSet.of(WRITE, TRUNCATE));
            bench.close(fd);
            assertThat(bench.device.content("/a/file")).isEmpty();
            List<String> names = new ArrayList<>();
            assertThat(bench.wait(done -> disk.list("/a", names, done))).isEqualTo(2);
            assertThat(names).containsExactly("b", "file");
            assertThat(bench.wait(done -> disk.remove("/a/b", done))).isZero();
            assertThat(bench.device.names("/a")).containsExactly("file");
            assertThatThrownBy(() -> disk.open("/x", EnumSet.of(CREATE), done -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("READ, WRITE or both");
        }
    }

    @Test
    void aFullDiskTakesWhatFits() {
        try (Bench bench = new Bench(1, Faults.none())) {
            bench.device.capacity(3L * PAGE);
            int fd = bench.open("/file", FILE);
            assertThat(bench.write(fd, filled(PAGE, 'a'), 0)).isEqualTo(PAGE);
            assertThat(bench.write(fd, filled(3 * PAGE, 'b'), PAGE / 2)).isEqualTo(2 * PAGE + PAGE / 2);
            assertThat(bench.write(fd, filled(1, 'c'), 3L * PAGE)).isEqualTo(-Errno.ENOSPC);
            assertThat(bench.wait(done -> bench.disk.allocate(fd, 0, 3 * PAGE, done)))
                    .isZero();
            assertThat(bench.wait(done -> bench.disk.allocate(fd, 0, 4 * PAGE, done)))
                    .isEqualTo(-Errno.ENOSPC);
            assertThat(bench.wait(done -> bench.disk.remove("/file", done))).isZero();
            assertThat(bench.device.usedBytes()).as("it is still open").isEqualTo(3L * PAGE);
            bench.close(fd);
            assertThat(bench.device.usedBytes()).isZero();
        }
    }

    @Test
    void whatIsAllocatedFindsRoom() {
        try (Bench bench = new Bench(1, Faults.none())) {
            bench.device.capacity(2L * PAGE);
            int fd = bench.open("/file", FILE);
            assertThat(bench.wait(done -> bench.disk.allocate(fd, 0, 2 * PAGE, done)))
                    .isZero();
            int other = bench.open("/other", FILE);
            assertThat(bench.write(other, bytes("x"), 0)).isEqualTo(-Errno.ENOSPC);
            assertThat(bench.write(fd, filled(2 * PAGE, 'a'), 0)).isEqualTo(2 * PAGE);
            bench.close(fd);
            bench.close(other);
        }
    }

    @Test
    void aCrashWithoutFaultsLosesNothing() {
        try (Bench bench = new Bench(1, Faults.none())) {
            int fd = bench.open("/file", FILE);
            bench.write(fd, filled(10_000, 'a'), 0);
            bench.crash();
            assertThat(bench.device.content("/file")).isEqualTo(filled(10_000, 'a'));
        }
    }

    @Test
    void whatIsNotSyncedIsLost() {
        Faults faults = Faults.none().with(Faults.Kind.LOST_WRITE, 1).with(Faults.Kind.LOST_ENTRIES, 1);
        for (long seed = 0; seed < 50; seed++) {
            try (Bench bench = new Bench(seed, faults)) {
                int fd = bench.open("/file", FILE);
                bench.write(fd, filled(PAGE, 'a'), 0);
                bench.sync(fd);
                bench.syncNames();
                bench.write(fd, filled(PAGE, 'b'), PAGE);
                bench.wait(done -> bench.disk.truncate(fd, 10, done));
                bench.crash();
                assertThat(bench.device.content("/file")).isEqualTo(filled(PAGE, 'a'));
            }
        }
    }

    /** fsync(2): the entry in the directory needs a sync of its own. */
    @Test
    void aSyncedFileWithoutASyncedNameMayBeLost() {
        Set<Boolean> seen = new HashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            try (Bench bench = new Bench(seed, Faults.none().with(Faults.Kind.LOST_ENTRIES, 1))) {
                int fd = bench.open("/file", FILE);
                bench.write(fd, filled(PAGE, 'a'), 0);
                bench.sync(fd);
                bench.crash();
                seen.add(bench.device.exists("/file"));
            }
        }
        assertThat(seen).as("lost, or written back before").containsExactlyInAnyOrder(true, false);
    }

    /** The old file or the new one, and never none: and of changes of names those that came first are left. */
    @Test
    void aRenameIsOneChangeAndNamesKeepTheirOrder() {
        Set<String> seen = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            try (Bench bench = new Bench(seed, Faults.none().with(Faults.Kind.LOST_ENTRIES, 0.9))) {
                bench.device.put("/file", bytes("old")).put("/new", bytes("new"));
                bench.wait(done -> bench.disk.rename("/new", "/file", done));
                bench.close(bench.open("/last", FILE));
                bench.crash();
                String content = new String(bench.device.content("/file"), UTF_8);
                assertThat(bench.device.exists("/new")).isEqualTo(content.equals("old"));
                if (bench.device.exists("/last")) {
                    assertThat(content).isEqualTo("new");
                }
                seen.add(content + bench.device.exists("/last"));
            }
        }
        assertThat(seen).containsExactlyInAnyOrder("oldfalse", "newfalse", "newtrue");
    }

    /** Each sector holds what it held before or what was written, or what was written before that; sizes end with a sector. */
    @Test
    void aTornWriteArrivesBySectors() {
        Set<String> seen = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            try (Bench bench = new Bench(seed, Faults.none().with(Faults.Kind.TORN_WRITE, 0.9))) {
                int fd = bench.open("/file", FILE);
                bench.write(fd, filled(3 * SECTOR, 'a'), 0);
                bench.sync(fd);
                bench.write(fd, filled(2 * SECTOR, 'b'), SECTOR);
                bench.write(fd, filled(PAGE, 'c'), 2L * SECTOR);
                bench.crash();
                byte[] content = bench.device.content("/file");
                assertThat(content.length).isGreaterThanOrEqualTo(3 * SECTOR);
                assertThat(content.length % SECTOR).isZero();
                StringBuilder sectors = new StringBuilder();
                for (int i = 0; i < content.length; i += SECTOR) {
                    sectors.append((char) content[i]);
                    for (int j = i; j < i + SECTOR; j++) {
                        assertThat(content[j]).isEqualTo(content[i]);
                    }
                }
                assertThat(sectors.toString()).matches("a[ab][abc][\0c]*");
                seen.add(sectors.toString());
            }
        }
        assertThat(seen).hasSizeGreaterThan(20);
    }

    /** As in Linux: a sync that fails says so once, to each who has the file open, and what it lost is not tried again. */
    @Test
    void aSyncThatFailedSucceedsTheNextTime() {
        int lost = 0;
        for (long seed = 0; seed < 20; seed++) {
            Faults faults = Faults.none().with(Faults.Kind.SYNC_ERROR, new Faults.Rate(1, 0, 1_000_000_000));
            try (Bench bench = new Bench(seed, faults)) {
                bench.device.put("/file", filled(PAGE, 'a')).latency(Latency.constant(1000));
                int fd = bench.open("/file", FILE);
                int other = bench.open("/file", FILE);
                bench.write(fd, filled(PAGE, 'b'), 0);
                assertThat(bench.wait(done -> bench.disk.sync(fd, done))).isEqualTo(-Errno.EIO);
                bench.world.run(java.time.Duration.ofSeconds(1));
                bench.sync(fd);
                assertThat(bench.wait(done -> bench.disk.sync(other, done))).isEqualTo(-Errno.EIO);
                bench.sync(other);
                bench.sync(bench.open("/file", FILE));
                assertThat(bench.device.content("/file"))
                        .as("the cache has it still")
                        .startsWith(filled(1, 'b'));
                bench.crash();
                lost += bench.device.content("/file")[0] == 'a' ? 1 : 0;
            }
        }
        assertThat(lost).isBetween(1, 19);
    }

    @Test
    void bitsFlip() {
        byte[] zeros = new byte[100];
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.FLIPPED_BIT, 1))) {
            bench.device.put("/file", zeros);
            int fd = bench.open("/file", LOOK);
            ByteBuffer into = ByteBuffer.allocate(100);
            bench.wait(done -> bench.disk.read(fd, into, 0, done));
            assertThat(bits(into.array())).isEqualTo(1);
            assertThat(bench.device.content("/file")).isEqualTo(zeros);
            bench.device.flip("/file", 8);
            assertThat(bench.device.content("/file")[1]).isEqualTo((byte) 1);
            bench.close(fd);
        }
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.ROTTEN_BIT, 1))) {
            bench.device.put("/file", zeros);
            int fd = bench.open("/file", LOOK);
            bench.wait(done -> bench.disk.read(fd, ByteBuffer.allocate(1), 0, done));
            bench.crash();
            assertThat(bits(bench.device.content("/file"))).isEqualTo(1);
        }
    }

    private static int bits(byte[] bytes) {
        int count = 0;
        for (byte b : bytes) {
            count += Integer.bitCount(b & 0xff);
        }
        return count;
    }

    @Test
    void eachFaultOfACallIsToldByItsErrno() {
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.READ_ERROR, 1))) {
            bench.device.put("/file", filled(10, 'a'));
            int fd = bench.open("/file", LOOK);
            assertThat(bench.wait(done -> bench.disk.read(fd, ByteBuffer.allocate(1), 0, done)))
                    .isEqualTo(-Errno.EIO);
            bench.close(fd);
        }
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.WRITE_ERROR, 1))) {
            int fd = bench.open("/file", FILE);
            assertThat(bench.write(fd, filled(10, 'a'), 0)).isEqualTo(-Errno.EIO);
            assertThat(bench.wait(done -> bench.disk.remove("/file", done))).isEqualTo(-Errno.EIO);
            bench.close(fd);
        }
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.DISK_FULL, 1))) {
            bench.device.put("/file", filled(10, 'a'));
            int fd = bench.open("/file", FILE);
            assertThat(bench.write(fd, filled(10, 'b'), 0)).as("needs no room").isEqualTo(10);
            assertThat(bench.write(fd, filled(10, 'b'), PAGE)).isEqualTo(-Errno.ENOSPC);
            bench.close(fd);
        }
        try (Bench bench = new Bench(1, Faults.none().with(Faults.Kind.DISK_SHORT, 1))) {
            int fd = bench.open("/file", FILE);
            assertThat(bench.write(fd, filled(1000, 'a'), 0)).isBetween(1L, 999L);
            bench.close(fd);
        }
    }

    @Test
    void aFileKeepsItsNumberAndItsFlipsUnderAnotherName() {
        try (World world = World.builder(1).faults(Faults.none()).build()) {
            SimDisk disk =
                    world.host("server").disk().put("/a", new byte[] {1, 2}).put("/b", new byte[] {3});
            long number = disk.number("/a");
            disk.flip("/a", 8).move("/a", "/b");
            assertThat(disk.exists("/a")).isFalse();
            assertThat(disk.content("/b")).containsExactly(1, 3);
            assertThat(disk.number("/b")).isEqualTo(number);
            assertThat(disk.hasFlipped(number, 1)).isTrue();
            assertThat(disk.hasFlipped(number, 0)).isFalse();
        }
    }
}

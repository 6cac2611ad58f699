package dev.sluice.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.os.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Operations in flight on a disk")
class DiskFlightTest extends DiskConformance {
    private static final int MANY = 1000;
    private static final int FEW = 8;

    @BeforeEach
    void open() throws Exception {
        open(DiskOptions.standard());
    }

    @Test
    @DisplayName("a thousand at once are all told, each its own bytes")
    void thousand() throws Exception {
        int file = create("file");
        fill(file, MANY);
        List<Long> told = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            buffers.add(lend(UNIT));
        }
        rig.inside(() -> {
            for (int i = 0; i < MANY; i++) {
                rig.disk.read(file, buffers.get(i), (long) i * UNIT, result -> note(told, result));
            }
            return null;
        });
        await(told, MANY);
        assertThat(told).hasSize(MANY).containsOnly((long) UNIT);
        for (int i = 0; i < MANY; i++) {
            assertFilled(buffers.get(i), UNIT, i);
        }
    }

    @Test
    @DisplayName("a close comes after what is under way on the file")
    void closeIsLast() throws Exception {
        int file = create("file");
        List<Long> told = new ArrayList<>();
        List<String> order = new ArrayList<>();
        ByteBuffer[] units = new ByteBuffer[FEW];
        for (int i = 0; i < FEW; i++) {
            units[i] = filled(UNIT, i);
        }
        rig.inside(() -> {
            for (int i = 0; i < FEW; i++) {
                rig.disk.writeAndSync(file, units[i], (long) i * UNIT, result -> {
                    order.add("written");
                    note(told, result);
                });
            }
            rig.disk.close(file, result -> {
                order.add("closed");
                note(told, result);
            });
            return null;
        });
        await(told, FEW + 1);
        assertThat(told.subList(0, FEW)).containsOnly((long) UNIT);
        assertThat(told.getLast()).isZero();
        assertThat(order.getLast()).isEqualTo("closed");
    }

    @Test
    @DisplayName("one more than the options allow is EAGAIN, and a close is taken all the same")
    void bounded() throws Exception {
        assumeTrue(kind.isAlone(), "its bound is the standard's");
        close();
        open(DiskOptions.standard().withOperations(FEW));
        int file = create("file");
        List<Long> told = new ArrayList<>();
        ByteBuffer[] units = new ByteBuffer[FEW + 1];
        for (int i = 0; i <= FEW; i++) {
            units[i] = filled(UNIT, i);
        }
        rig.inside(() -> {
            for (ByteBuffer unit : units) {
                rig.disk.write(file, unit, 0, result -> note(told, result));
            }
            rig.disk.close(file, result -> note(told, result));
            return null;
        });
        await(told, FEW + 2);
        assertThat(told).hasSize(FEW + 2).contains((long) -Errno.EAGAIN, 0L, (long) UNIT);
        assertThat(told.stream().filter(result -> result == UNIT)).hasSize(FEW);
    }

    @Test
    @DisplayName("a result's handler starts the next operation, ten thousand times")
    void chain() throws Exception {
        int file = create("file");
        fill(file, 1);
        ByteBuffer into = lend(UNIT);
        List<Long> told = new ArrayList<>();
        int[] left = {direct || kind.isSimulated() ? MANY : 10 * MANY};
        LongConsumer next = new LongConsumer() {
            @Override
            public void accept(long result) {
                if (result == UNIT && --left[0] > 0) {
                    rig.disk.read(file, into.clear(), 0, this);
                } else {
                    note(told, result);
                }
            }
        };
        rig.inside(() -> {
            rig.disk.read(file, into, 0, next);
            return null;
        });
        await(told, 1);
        assertThat(told).containsExactly((long) UNIT);
        assertFilled(into, UNIT, 0);
    }

    @Test
    @DisplayName("a handler that throws hurts nothing else")
    void throwing() throws Exception {
        assumeFalse(kind.isSimulated(), "in a world it is the world's failure");
        int file = create("file");
        List<Long> told = new ArrayList<>();
        ByteBuffer first = filled(UNIT, 1);
        ByteBuffer second = filled(UNIT, 2);
        rig.inside(() -> {
            rig.disk.write(file, first, 0, result -> {
                note(told, result);
                throw new IllegalStateException("a handler's own failure, on purpose");
            });
            rig.disk.write(file, second, UNIT, result -> note(told, result));
            return null;
        });
        await(told, 2);
        assertThat(rig.read(file, first.clear(), UNIT)).isEqualTo(UNIT);
        assertFilled(first, UNIT, 2);
    }

    @Test
    @DisplayName("lent memory is aligned, and is lent again")
    void lending() throws Exception {
        ByteBuffer small = lend(100);
        assertThat(small.capacity()).isEqualTo(100);
        assertThat(MemorySegment.ofBuffer(small).address() % UNIT).isZero();
        ByteBuffer large = lend(3 << 20);
        assertThat(large.capacity()).isEqualTo(3 << 20);
        assertThat(MemorySegment.ofBuffer(large).address() % UNIT).isZero();
        int file = create("file");
        assertThat(rig.write(file, large, 0)).isEqualTo(3 << 20);
        rig.inside(() -> {
            rig.disk.takeBack(small);
            rig.disk.takeBack(large);
            return null;
        });
        ByteBuffer again = lend(3 << 20);
        assertThat(rig.read(file, again, 0)).isEqualTo(3 << 20);
    }

    @Test
    @DisplayName("names that can't be had are told like any other result")
    void names() throws Exception {
        assumeFalse(kind.isSimulated(), "a world's names have no bound");
        String tooLong = rig.path("x".repeat(5000));
        assertThat(rig.wait(done -> rig.disk.remove(tooLong, done))).isEqualTo(-Errno.ENAMETOOLONG);
        assertThat(rig.wait(done -> rig.disk.rename(rig.path("a"), tooLong, done)))
                .isEqualTo(-Errno.ENAMETOOLONG);
        assertThat(rig.wait(done -> rig.disk.makeDirectory(rig.path("a\0b"), done)))
                .isEqualTo(-Errno.EINVAL);
    }
}

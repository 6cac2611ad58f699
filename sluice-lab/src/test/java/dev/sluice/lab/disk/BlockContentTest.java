package dev.sluice.lab.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What stands in a block tells it from every other one. */
class BlockContentTest {
    private static final int BYTES = 4096;
    private static final long OFFSET = 40_960;

    private final BlockContent content = new BlockContent(7);

    private ByteBuffer block(BlockContent from, long offset, int generation) {
        ByteBuffer block = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        from.fill(block, offset, generation);
        return block;
    }

    @Test
    void whatWasFilledIsRight() {
        assertThat(content.check(block(content, OFFSET, 3), OFFSET, 3)).isEqualTo(BlockContent.RIGHT);
    }

    @Test
    void everySingleBitCounts() {
        ByteBuffer block = block(content, OFFSET, 0);
        for (int bit = 0; bit < BYTES * Byte.SIZE; bit += 37) {
            int at = bit / Byte.SIZE;
            byte right = block.get(at);
            block.put(at, (byte) (right ^ (1 << (bit % Byte.SIZE))));
            assertThat(content.check(block, OFFSET, 0)).isEqualTo(at / Long.BYTES * Long.BYTES);
            block.put(at, right);
        }
    }

    @Test
    void anotherPlaceSeedOrWriteIsWrongFromTheFirstWordOn() {
        assertThat(content.check(block(content, OFFSET + BYTES, 0), OFFSET, 0)).isZero();
        assertThat(content.check(block(content, OFFSET, 1), OFFSET, 2)).isZero();
        assertThat(content.check(block(new BlockContent(8), OFFSET, 0), OFFSET, 0))
                .isZero();
        assertThat(content.check(ByteBuffer.allocateDirect(BYTES), OFFSET, 0)).isZero();
    }

    @Test
    void halfAWriteIsWrongWhereTheOldHalfBegins() {
        ByteBuffer torn = block(content, OFFSET, 2);
        torn.put(BYTES / 2, block(content, OFFSET, 1), BYTES / 2, BYTES / 2);
        assertThat(content.check(torn, OFFSET, 2)).isEqualTo(BYTES / 2);
    }

    @Test
    void noBlockIsTakenTwiceAtOnce() {
        Blocks blocks = new Blocks(8, BYTES);
        SplittableRandom random = new SplittableRandom(1);
        boolean[] taken = new boolean[8];
        for (int i = 0; i < 7; i++) {
            int block = i % 2 == 0 ? blocks.takeRandom(random) : blocks.takeNext();
            assertThat(taken[block]).isFalse();
            taken[block] = true;
        }
        for (int block = 0; block < 8; block++) {
            if (taken[block]) {
                blocks.release(block);
            }
        }
        int first = blocks.takeNext();
        assertThat(blocks.takeNext()).isEqualTo((first + 1) % 8);
    }
}

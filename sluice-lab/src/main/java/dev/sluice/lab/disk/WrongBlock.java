package dev.sluice.lab.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/** What is said of a block that isn't what was written. */
final class WrongBlock {
    private WrongBlock() {}

    /**
     * The error, with the offset, what should stand there, and where it tells what stands there instead.
     *
     * @param place of the first wrong word, in bytes from the block's start
     */
    static DiskException in(Path file, BlockContent content, ByteBuffer block, long offset, int generation, int place) {
        long found = block.getLong(place);
        String what = String.format(Locale.ROOT, "%016x", found);
        for (int earlier = generation - 1; earlier >= 0; earlier--) {
            if (found == content.word(offset, earlier, place)) {
                what += ", which an earlier write left there: a later one is lost";
                break;
            }
        }
        return new DiskException(String.format(
                Locale.ROOT,
                "%s has a wrong block: at offset %d there should be the word %016x, and there is %s",
                file,
                offset + place,
                content.word(offset, generation, place),
                what));
    }
}

package dev.sluice.http;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

/** Collects a body. Grows with what arrives, so that a length that is only claimed costs nothing. */
final class BodyCollector implements BodyReader {
    private static final int FIRST_BYTES = 8 * 1024;
    private static final byte[] NONE = {};

    private final int firstBytes;
    /** What it may be in the end, as far as is known. */
    private final int mostBytes;

    private final int limitBytes;
    private final IntPredicate room;
    private final CompletableFuture<byte[]> whole;
    private byte[] bytes = NONE;
    private int length;
    private boolean over;

    /**
     * For one body.
     *
     * @param stated its length, or negative where none is stated
     * @param room takes so many bytes of the memory that all bodies share; false where there is not as much
     */
    BodyCollector(long stated, int limitBytes, IntPredicate room, CompletableFuture<byte[]> whole) {
        this.firstBytes = stated < 0 ? FIRST_BYTES : (int) Math.min(stated, FIRST_BYTES);
        this.mostBytes = stated < 0 ? limitBytes : (int) Math.min(stated, limitBytes);
        this.limitBytes = limitBytes;
        this.room = room;
        this.whole = whole;
    }

    @Override
    public void received(ByteBuffer in) {
        int more = in.remaining();
        if (over) {
            in.position(in.limit());
        } else if (more > limitBytes - length) {
            refuse(in, new HttpException(413, "the body is too large"));
        } else if (!grow(length + more)) {
            refuse(in, new HttpException(503, "too many bodies are held at once"));
        } else {
            in.get(bytes, length, more);
            length += more;
        }
    }

    private boolean grow(int needed) {
        if (needed > bytes.length) {
            int larger = Math.max(needed, (int) Math.min(mostBytes, Math.max(firstBytes, bytes.length * 2L)));
            if (!room.test(larger - bytes.length)) {
                return false;
            }
            bytes = Arrays.copyOf(bytes, larger);
        }
        return true;
    }

    private void refuse(ByteBuffer in, HttpException why) {
        in.position(in.limit());
        length = 0;
        bytes = NONE;
        over = true;
        whole.completeExceptionally(why);
    }

    @Override
    public void ended() {
        whole.complete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
    }

    @Override
    public void failed(HttpException cause) {
        whole.completeExceptionally(cause);
    }
}

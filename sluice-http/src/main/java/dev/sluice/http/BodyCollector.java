package dev.sluice.http;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Collects a body. Grows with what arrives, so that a length that is only claimed costs nothing. */
final class BodyCollector implements BodyReader {
    private static final int FIRST_BYTES = 8 * 1024;

    private final int limitBytes;
    private final CompletableFuture<byte[]> whole;
    private byte[] bytes;
    private int length;
    private boolean over;

    BodyCollector(long stated, int limitBytes, CompletableFuture<byte[]> whole) {
        this.limitBytes = limitBytes;
        this.whole = whole;
        this.bytes = new byte[stated < 0 ? FIRST_BYTES : (int) Math.min(stated, FIRST_BYTES)];
    }

    @Override
    public void received(ByteBuffer in) {
        int more = in.remaining();
        if (over || more > limitBytes - length) {
            in.position(in.limit());
            length = 0;
            bytes = new byte[0];
            over = true;
            whole.completeExceptionally(new HttpException(413, "the body is too large"));
            return;
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, (int) Math.min(limitBytes, bytes.length * 2L)));
        }
        in.get(bytes, length, more);
        length += more;
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

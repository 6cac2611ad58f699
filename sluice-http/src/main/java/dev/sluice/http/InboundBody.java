package dev.sluice.http;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The body of the request that is being answered. Runs in the session's domain, but for what {@link RequestBody} promises. */
final class InboundBody implements RequestBody {
    private static final String GONE = "the connection is gone";

    private final Exchange exchange;
    private final long length;
    private final BodyDecoder decoder;
    private final BodyMemory memory;
    /** Of that memory. */
    private long heldBytes;

    /** A reader on its way here from another thread; none may be lost, since somebody may block until it is told. */
    private final AtomicReference<@Nullable BodyReader> arriving = new AtomicReference<>();

    private @Nullable BodyReader reader;
    private @Nullable HttpException failure;
    private boolean paused;
    /** Whether a reader resumed while bytes were offered to it: then what it left is offered again. */
    private boolean resumed;

    private boolean ended;
    private boolean discarding;
    private long arrivedBytes;
    private long discardedBytes;

    /** Whether all that arrived was taken and more is wanted: only then does it count against the client. */
    private boolean starving;

    private long starvingSinceNanos;
    private long starvedNanos;

    InboundBody(Exchange exchange, long length, HttpLimits limits, BodyMemory memory) {
        this.exchange = exchange;
        this.length = length;
        this.memory = memory;
        this.decoder = BodyDecoder.of(length, limits);
        this.ended = length == RequestHead.NO_BODY;
    }

    // ---- what arrives

    /** Takes what it can. */
    void receive(ByteBuffer in) throws Exception {
        starving(false);
        while (!ended && failure == null && isWanted()) {
            int available = decoder.available(in);
            if (available == BodyDecoder.NEED_MORE) {
                starving(true);
                return;
            }
            if (available == BodyDecoder.END) {
                ended = true;
                tellEnd();
            } else if (available < 0) {
                exchange.bodyFailed(-available, decoder.problem());
            } else {
                resumed = false;
                if (!offer(in, available) && !resumed) {
                    return;
                }
            }
        }
    }

    /** Offers bytes to whoever takes them; false where some are left. */
    private boolean offer(ByteBuffer in, int available) throws Exception {
        int from = in.position();
        if (discarding) {
            discardedBytes += available;
            in.position(from + available);
        } else if (reader != null) {
            int limit = in.limit();
            in.limit(from + available);
            try {
                reader.received(in);
            } finally {
                in.limit(limit);
            }
        }
        int taken = in.position() - from;
        arrivedBytes += taken;
        decoder.consumed(taken);
        if (discarding && discardedBytes > exchange.limits().discardBytes()) {
            exchange.discardedTooMuch();
        }
        return taken == available;
    }

    private void starving(boolean now) {
        if (starving != now) {
            starving = now;
            if (now) {
                starvingSinceNanos = exchange.nanoTime();
            } else {
                starvedNanos += exchange.nanoTime() - starvingSinceNanos;
            }
        }
    }

    private void tellEnd() throws Exception {
        if (reader != null) {
            reader.ended();
        }
    }

    private boolean hold(int bytes) {
        boolean taken = memory.take(bytes);
        heldBytes += taken ? bytes : 0;
        return taken;
    }

    /** The body won't arrive whole, which is told once, or its request is over: in either case it is held no longer. */
    void fail(HttpException cause) {
        memory.give(heldBytes);
        heldBytes = 0;
        if (failure == null && !ended) {
            failure = cause;
            if (reader != null) {
                reader.failed(cause);
            }
        }
    }

    private boolean isWanted() {
        return discarding || reader != null && !paused;
    }

    boolean isEnded() {
        return ended;
    }

    boolean isFailed() {
        return failure != null;
    }

    /** Whether everything that arrived was taken, and more is wanted. */
    boolean isStarving() {
        return starving && !ended && failure == null;
    }

    /** Whether nothing of it has arrived. */
    boolean isUntouched() {
        return arrivedBytes == 0;
    }

    /** When the body will have been too slow; {@link Watch#NEVER} while it isn't the client who is waited for. */
    long deadlineNanos() {
        if (!isStarving()) {
            return Watch.NEVER;
        }
        long earnedNanos = (long) (arrivedBytes * 1e9 / exchange.limits().bodyBytesPerSecond());
        return starvingSinceNanos + exchange.limits().bodyGrace().toNanos() + earnedNanos - starvedNanos;
    }

    /**
     * Decides what becomes of what is left of the body, now that the response is there.
     *
     * @return whether the connection can live on
     */
    boolean settle(boolean continuePending) {
        if (ended || reader != null) {
            return failure == null;
        }
        if (failure != null || continuePending || length > exchange.limits().discardBytes()) {
            return false;
        }
        discarding = true;
        wanted();
        return true;
    }

    private void wanted() {
        starving(true);
        exchange.wantsBody();
    }

    // ---- what users call

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(BodyReader taker) {
        if (exchange.isInDomain()) {
            start(taker);
            return;
        }
        if (!arriving.compareAndSet(null, taker)) {
            throw new IllegalStateException("the body has a reader already");
        }
        if (!exchange.execute(this::startArriving)) {
            refuseArriving();
        }
    }

    private void startArriving() {
        BodyReader taker = arriving.getAndSet(null);
        if (taker != null) {
            start(taker);
        }
    }

    /** Tells a reader whose task the connection's close overtook; from any thread. */
    private void refuseArriving() {
        BodyReader taker = arriving.getAndSet(null);
        if (taker != null) {
            taker.failed(new HttpException(400, GONE));
        }
    }

    /** The connection is gone. */
    void abandon() {
        refuseArriving();
        fail(new HttpException(400, GONE));
    }

    private void start(BodyReader taker) {
        if (reader != null) {
            throw new IllegalStateException("the body has a reader already");
        }
        if (failure != null || discarding) {
            taker.failed(failure != null ? failure : new HttpException(400, "the body was discarded"));
            return;
        }
        reader = taker;
        if (ended) {
            exchange.guarded(this::tellEnd);
            return;
        }
        exchange.continueReading();
        wanted();
    }

    @Override
    public void pause() {
        exchange.inDomain(
                () -> {
                    paused = true;
                    starving(false);
                },
                InboundBody::nothing);
    }

    @Override
    public void resume() {
        exchange.inDomain(
                () -> {
                    paused = false;
                    resumed = true;
                    wanted();
                },
                InboundBody::nothing);
    }

    // ---- what a gateway calls: in the connection's domain, though not in one of its callbacks

    /** Offers the body; a client that waits for 100 is told by the server that the request goes to. */
    void readForGateway(BodyReader taker) {
        reader = taker;
        if (ended) {
            exchange.guarded(this::tellEnd);
        } else {
            wanted();
        }
    }

    void pauseForGateway() {
        paused = true;
        starving(false);
    }

    void resumeForGateway() {
        paused = false;
        resumed = true;
        wanted();
    }

    /** The lines behind a chunked body, once it has ended; null for none. */
    @Nullable
    HeadBytes trailers() {
        return decoder instanceof ChunkDecoder chunks ? chunks.trailers() : null;
    }

    private static void nothing() {
        // The connection is gone, and with it what was to be held back or offered.
    }

    @Override
    public CompletionStage<byte[]> bytes(int limitBytes) {
        CompletableFuture<byte[]> whole = new CompletableFuture<>();
        if (length > limitBytes) {
            whole.completeExceptionally(new HttpException(413, "the body is too large"));
        } else {
            read(new BodyCollector(length, limitBytes, this::hold, whole));
        }
        return whole;
    }

    @Override
    public InputStream stream() {
        if (exchange.isInDomain()) {
            throw new IllegalStateException("reading would block the connection's loop: use workers");
        }
        BlockingInput input = new BlockingInput(this);
        read(input);
        return input;
    }
}

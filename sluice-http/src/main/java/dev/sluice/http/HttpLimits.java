package dev.sluice.http;

import java.time.Duration;

/**
 * What a client may take of a server; immutable.
 *
 * @param requestLineBytes a longer request line is answered with 414
 * @param headerBytes more bytes of header lines are answered with 431; the same for the trailers of a body. Together with
 *     {@code requestLineBytes} it must stay below the server's input limit
 * @param headerCount more fields are answered with 431; the same for trailers
 * @param bodyBytes a larger body is answered with 413
 * @param bufferedBodyBytes a larger body for a {@link Handler}, which gets it whole, is answered with 413
 * @param chunkExtensionBytes extensions of one chunk; a longer one is answered with 400
 * @param discardBytes an unread body that is not longer is discarded, so that the connection lives on
 * @param headerTimeout from a request's first byte to the end of its head, however it dribbles in; then 408
 * @param idleTimeout a connection without a request for so long is closed
 * @param bodyGrace how long a body may lag behind {@code bodyBytesPerSecond}; then 408
 * @param bodyBytesPerSecond the rate that a body must keep while somebody reads it
 * @param requestTimeout from the end of a request's head to the beginning of its answer; then 503, and the handler's own
 *     answer is dropped when it comes. Zero: for ever. A handler on the connection's loop is not interrupted by it
 */
public record HttpLimits(
        int requestLineBytes,
        int headerBytes,
        int headerCount,
        long bodyBytes,
        int bufferedBodyBytes,
        int chunkExtensionBytes,
        int discardBytes,
        Duration headerTimeout,
        Duration idleTimeout,
        Duration bodyGrace,
        int bodyBytesPerSecond,
        Duration requestTimeout) {

    /** Checks each value. */
    public HttpLimits {
        atLeast("request line", requestLineBytes, 64);
        atLeast("header bytes", headerBytes, 64);
        atLeast("header count", headerCount, 1);
        atLeast("body bytes", bodyBytes, 0);
        atLeast("buffered body bytes", bufferedBodyBytes, 0);
        atLeast("chunk extension bytes", chunkExtensionBytes, 0);
        atLeast("discarded bytes", discardBytes, 0);
        atLeast("header timeout", headerTimeout.toNanos(), 1);
        atLeast("idle timeout", idleTimeout.toNanos(), 1);
        atLeast("body grace", bodyGrace.toNanos(), 1);
        atLeast("body rate", bodyBytesPerSecond, 1);
        atLeast("request timeout", requestTimeout.toNanos(), 0);
    }

    public static HttpLimits standard() {
        return new Builder().build();
    }

    /** The same with another bound for bodies. */
    public HttpLimits withBodyBytes(long bytes) {
        return new HttpLimits(
                requestLineBytes,
                headerBytes,
                headerCount,
                bytes,
                bufferedBodyBytes,
                chunkExtensionBytes,
                discardBytes,
                headerTimeout,
                idleTimeout,
                bodyGrace,
                bodyBytesPerSecond,
                requestTimeout);
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void atLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " is " + value + ", must be at least " + least);
        }
    }

    /** Collects limits. Not safe for use from several threads. */
    public static final class Builder {
        private int requestLineBytes = 8 * 1024;
        private int headerBytes = 16 * 1024;
        private int headerCount = 100;
        private long bodyBytes = 1L << 30;
        private int bufferedBodyBytes = 1 << 20;
        private int chunkExtensionBytes = 256;
        private int discardBytes = 64 * 1024;
        private Duration headerTimeout = Duration.ofSeconds(10);
        private Duration idleTimeout = Duration.ofSeconds(60);
        private Duration bodyGrace = Duration.ofSeconds(10);
        private int bodyBytesPerSecond = 500;
        private Duration requestTimeout = Duration.ZERO;

        private Builder() {}

        public Builder requestLineBytes(int bytes) {
            this.requestLineBytes = bytes;
            return this;
        }

        public Builder headers(int bytes, int count) {
            this.headerBytes = bytes;
            this.headerCount = count;
            return this;
        }

        public Builder bodyBytes(long bytes) {
            this.bodyBytes = bytes;
            return this;
        }

        public Builder bufferedBodyBytes(int bytes) {
            this.bufferedBodyBytes = bytes;
            return this;
        }

        public Builder chunkExtensionBytes(int bytes) {
            this.chunkExtensionBytes = bytes;
            return this;
        }

        public Builder discardBytes(int bytes) {
            this.discardBytes = bytes;
            return this;
        }

        public Builder headerTimeout(Duration timeout) {
            this.headerTimeout = timeout;
            return this;
        }

        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = timeout;
            return this;
        }

        public Builder bodyRate(int bytesPerSecond, Duration grace) {
            this.bodyBytesPerSecond = bytesPerSecond;
            this.bodyGrace = grace;
            return this;
        }

        /** See {@link HttpLimits#requestTimeout}. */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = timeout;
            return this;
        }

        public HttpLimits build() {
            return new HttpLimits(
                    requestLineBytes,
                    headerBytes,
                    headerCount,
                    bodyBytes,
                    bufferedBodyBytes,
                    chunkExtensionBytes,
                    discardBytes,
                    headerTimeout,
                    idleTimeout,
                    bodyGrace,
                    bodyBytesPerSecond,
                    requestTimeout);
        }
    }
}

package dev.sluice.http;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request that has a body with that body, and GET with {@code OK}. A short body is answered when it is whole, so
 * that one that is cut short or malformed is refused; a long one is streamed, no faster than the client takes it.
 */
final class Reflection implements AsyncHandler {
    private static final String BINARY = "application/octet-stream";
    private static final Response OK = Response.text("OK");
    private static final Response OPTIONS =
            Response.builder(204).header("Allow", Methods.IMPLEMENTED).build();
    private static final Response NEEDS_BODY = Response.builder(405)
            .header("Allow", "GET, HEAD, POST, PUT, PATCH, OPTIONS")
            .contentType("text/plain; charset=utf-8")
            .body("405 Method Not Allowed: without a body there is nothing to delete\n")
            .build();

    @Override
    public CompletionStage<Response> handle(Request request) {
        if (request.body().length() == 0) {
            return CompletableFuture.completedFuture(
                    switch (request.method()) {
                        case "OPTIONS" -> OPTIONS;
                        case "DELETE" -> NEEDS_BODY;
                        default -> OK;
                    });
        }
        String type = request.header("Content-Type");
        Mirror mirror = new Mirror(request.body(), type == null ? BINARY : type);
        request.body().read(mirror);
        return mirror.answer;
    }

    /** One body, on its way back. */
    private static final class Mirror implements BodyReader {
        private static final int WHOLE_BYTES = 64 * 1024;

        private final CompletableFuture<Response> answer = new CompletableFuture<>();
        private final RequestBody body;
        private final String contentType;
        private byte[] collected = new byte[1024];
        private int length;
        private @Nullable BodyWriter writer;
        private boolean ended;

        Mirror(RequestBody body, String contentType) {
            this.body = body;
            this.contentType = contentType;
        }

        @Override
        public void received(ByteBuffer bytes) {
            if (writer != null) {
                if (!writer.write(bytes)) {
                    body.pause();
                }
                return;
            }
            int some = Math.min(bytes.remaining(), WHOLE_BYTES - length);
            if (length + some > collected.length) {
                collected = Arrays.copyOf(collected, Math.min(WHOLE_BYTES, Math.max(length + some, length * 2)));
            }
            bytes.get(collected, length, some);
            length += some;
            if (bytes.hasRemaining() && !answer.isDone()) {
                body.pause();
                answer.complete(Response.builder(200).contentType(contentType).stream(body.length(), this::start)
                        .build());
            }
        }

        private void start(BodyWriter to) {
            writer = to;
            to.onDrained(body::resume);
            boolean more = to.write(collected, 0, length);
            collected = new byte[0];
            if (ended) {
                to.end();
            } else if (more) {
                body.resume();
            }
        }

        @Override
        public void ended() {
            ended = true;
            if (writer != null) {
                writer.end();
            } else if (!answer.isDone()) {
                answer.complete(Response.bytes(200, contentType, Arrays.copyOf(collected, length)));
            }
        }

        @Override
        public void failed(HttpException cause) {
            if (writer != null) {
                writer.fail(cause);
            } else {
                answer.completeExceptionally(cause);
            }
        }
    }
}

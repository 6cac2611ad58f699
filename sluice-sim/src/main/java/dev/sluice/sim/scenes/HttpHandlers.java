package dev.sluice.sim.scenes;

import dev.sluice.http.AsyncHandler;
import dev.sluice.http.BodyReader;
import dev.sluice.http.BodySource;
import dev.sluice.http.BodyWriter;
import dev.sluice.http.Handler;
import dev.sluice.http.HttpException;
import dev.sluice.http.RequestBody;
import dev.sluice.http.Response;
import dev.sluice.sim.Dice;
import dev.sluice.sim.World;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Handlers whose answers a client can foretell: a path {@code /KIND/LENGTH/SALT} says what kind of answer of which bytes. When and
 * in which pieces they answer is the seed's.
 */
final class HttpHandlers {
    private static final String BINARY = "application/octet-stream";
    private static final int COLLECTED_MOST = 1 << 20;

    private final World world;
    private final Dice dice;

    HttpHandlers(World world) {
        this.world = world;
        this.dice = world.dice().split();
    }

    /** Of whole requests, on the loop. */
    Handler whole() {
        return request -> answer(HttpPath.of(request.path()), request.content());
    }

    /** Of requests whose bodies come as they arrive, answered at once or later. */
    AsyncHandler later() {
        return request -> {
            HttpPath path = HttpPath.of(request.path());
            RequestBody body = request.body();
            CompletionStage<Response> answer = switch (path.kind()) {
                case ECHO -> body.bytes(COLLECTED_MOST).thenApply(bytes -> answer(path, bytes));
                case COUNT -> counted(body);
                default -> CompletableFuture.completedFuture(answer(path, new byte[0]));
            };
            return dice.chance(0.5) ? answer.thenCompose(this::afterAWhile) : answer;
        };
    }

    /** As another thread would complete it: as an event of the world, outside of all loops. */
    private CompletionStage<Response> afterAWhile(Response response) {
        CompletableFuture<Response> later = new CompletableFuture<>();
        world.after(Duration.ofNanos(dice.spread(1, 500_000_000)), () -> later.complete(response));
        return later;
    }

    private Response answer(HttpPath path, byte[] content) {
        byte[] body = Bodies.make(path.length(), path.salt());
        return switch (path.kind()) {
            case FIXED, IGNORE -> Response.bytes(200, BINARY, body);
            case CLOSE ->
                Response.builder(200).contentType(BINARY).body(body).close().build();
            case EMPTY -> Response.of(204);
            case FAIL -> throw new IllegalStateException("a handler that fails, as asked");
            case PULLED ->
                Response.builder(200)
                        .contentType(BINARY)
                        .body(new ByteArrayInputStream(body), path.statesLength() ? body.length : -1)
                        .build();
            case STREAMED ->
                Response.builder(200).contentType(BINARY).stream(
                                path.statesLength() ? body.length : -1, new Pieces(body))
                        .build();
            case ECHO -> Response.bytes(200, BINARY, content);
            case COUNT -> Response.text(Bodies.summary(content.length, Bodies.hash(content)));
        };
    }

    private CompletionStage<Response> counted(RequestBody body) {
        Counter counter = new Counter(body);
        body.read(counter);
        return counter.answer;
    }

    /** A body in pieces of all sizes, some of them a while after the one before, no faster than the client takes them. */
    private final class Pieces implements BodySource {
        private final byte[] body;
        private int written;
        private boolean waits;

        Pieces(byte[] body) {
            this.body = body;
        }

        @Override
        public void start(BodyWriter writer) {
            writer.onDrained(() -> pump(writer));
            pump(writer);
        }

        private void pump(BodyWriter writer) {
            boolean more = true;
            while (more && !waits && written < body.length) {
                int count = (int) dice.spread(1, body.length - written);
                more = writer.write(body, written, count);
                written += count;
                if (more && dice.chance(0.2)) {
                    rest(writer);
                }
            }
            if (written == body.length && !waits) {
                writer.end();
            }
        }

        private void rest(BodyWriter writer) {
            waits = true;
            world.after(Duration.ofNanos(dice.spread(1, 100_000_000)), () -> {
                boolean _ = writer.execute(
                        () -> { // refused once the connection is gone
                            waits = false;
                            pump(writer);
                        });
            });
        }
    }

    /** Reads a body by and by, now and then with a pause, and leaves some of what it is offered for the next time. */
    private final class Counter implements BodyReader {
        final CompletableFuture<Response> answer = new CompletableFuture<>();
        private final RequestBody body;
        private long length;
        private int hash = 1;

        Counter(RequestBody body) {
            this.body = body;
        }

        @Override
        public void received(ByteBuffer bytes) {
            boolean pauses = dice.chance(0.2);
            int count = pauses ? (int) dice.between(0, bytes.remaining()) : bytes.remaining();
            for (int i = 0; i < count; i++) {
                hash = Bodies.mix(hash, bytes.get());
            }
            length += count;
            if (pauses) {
                body.pause();
                world.after(Duration.ofNanos(dice.spread(1, 100_000_000)), body::resume);
            }
        }

        @Override
        public void ended() {
            answer.complete(Response.text(Bodies.summary(length, hash)));
        }

        @Override
        public void failed(HttpException cause) {
            answer.completeExceptionally(cause);
        }
    }
}

package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The small services that {@link Orders} runs on a kernel and in a world: what each does besides echoing is its name. */
final class OrdersService implements Service {
    static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final int LARGE_BYTES = 8 << 20;

    /** What sessions do. */
    enum Kind {
        ECHO,
        /** Greets, then echoes. */
        SPEAK,
        /** Holds its loop in {@code opened}, so that the kernel goes on without it. */
        HOLD_OPENED,
        /** The same in the first {@code received}. */
        HOLD_RECEIVED,
        /** Reads nothing for a while. */
        PAUSE,
        /** Answers the first bytes with eight megabytes. */
        LARGE,
        /** Ends its side at the first bytes. */
        END,
        /** Closes at the first bytes. */
        CLOSE,
        /** Closes after a while in which it reads nothing. */
        CLOSE_UNREAD,
        /** Aborts at the first bytes. */
        ABORT,
        /** Aborts after a while in which it reads nothing. */
        ABORT_UNREAD,
        /** Writes three times with pauses in between, once the peer has ended. */
        WRITE_ON,
        /** Writes more than buffers hold and holds its loop, so that the next send meets what has happened. */
        LARGE_HOLD,
        /** Dials an address where nobody listens. */
        DIAL
    }

    private final Kind kind;
    private final SocketAddress nobody;
    private final Consumer<Duration> hold;
    private final Consumer<String> told;
    private int count;

    /**
     * @param nobody where nobody listens
     * @param hold holds up the calling thread
     * @param told is given a line for each callback
     */
    OrdersService(Kind kind, SocketAddress nobody, Consumer<Duration> hold, Consumer<String> told) {
        this.kind = kind;
        this.nobody = nobody;
        this.hold = hold;
        this.told = told;
    }

    @Override
    public Session open(Connection connection) {
        return new Told(connection);
    }

    private final class Told implements Session {
        private final Connection connection;
        private final int number = ++count;
        private boolean begun;
        private boolean aborted;

        Told(Connection connection) {
            this.connection = connection;
        }

        private void tell(String what) {
            told.accept(number + " " + what);
        }

        private void later(Runnable task) {
            connection.after(HOLD_NANOS, task);
        }

        private void write(int bytes) {
            connection.write(ByteBuffer.wrap(new byte[bytes]));
        }

        @Override
        public void opened() {
            tell("opened");
            switch (kind) {
                case SPEAK -> write(100);
                case HOLD_OPENED -> hold.accept(Duration.ofNanos(HOLD_NANOS));
                case PAUSE -> {
                    connection.pauseReading();
                    later(connection::resumeReading);
                }
                case CLOSE_UNREAD -> {
                    connection.pauseReading();
                    later(connection::close);
                }
                case ABORT_UNREAD -> {
                    connection.pauseReading();
                    later(connection::abort);
                }
                default -> {}
            }
        }

        @Override
        public void received(ByteBuffer input) {
            tell("received " + input.remaining());
            boolean first = !begun;
            begun = true;
            if (first) {
                begin(input);
            } else if (kind == Kind.END) {
                input.position(input.limit());
            }
            if (input.hasRemaining() && !aborted) {
                connection.write(input);
            }
        }

        private void begin(ByteBuffer input) {
            switch (kind) {
                case HOLD_RECEIVED -> hold.accept(Duration.ofNanos(HOLD_NANOS));
                case LARGE -> {
                    input.position(input.limit());
                    write(LARGE_BYTES);
                }
                case LARGE_HOLD -> {
                    input.position(input.limit());
                    write(LARGE_BYTES);
                    later(() -> hold.accept(Duration.ofNanos(HOLD_NANOS)));
                }
                case END -> {
                    input.position(input.limit());
                    connection.end();
                }
                case CLOSE -> {
                    connection.write(input);
                    connection.close();
                }
                case ABORT -> {
                    aborted = true;
                    connection.abort();
                }
                case DIAL -> Client.dial(connection, nobody, OrdersService.this);
                default -> {}
            }
        }

        @Override
        public void drained() {
            tell("drained");
        }

        @Override
        public void ended() {
            tell("ended");
            if (kind == Kind.WRITE_ON) {
                write(10);
                later(() -> {
                    write(10);
                    later(() -> write(10));
                });
            } else {
                connection.end();
            }
        }

        @Override
        public void closed(Cause cause) {
            tell("closed " + cause);
        }
    }
}

package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Family;
import dev.sluice.FileRegion;
import dev.sluice.Model.Ability;
import dev.sluice.Session;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Bytes that a session passes on to another connection: in the kernel where the model can, and else through memory. */
@OnEveryModel
@Needs(Ability.DIAL)
@DisplayName("A relay")
class RelayTest extends Conformance {
    /** One side; the other one is what its bytes go to. */
    private static final class Side implements Session {
        private final Connection connection;
        private final Trace trace;
        private final int dialTo;
        private @Nullable Side other;
        private boolean held;

        Side(Connection connection, Trace trace, int dialTo) {
            this.connection = connection;
            this.trace = trace;
            this.dialTo = dialTo;
            connection.readIndependently();
        }

        @Override
        public void opened() {
            trace.say("in the kernel " + connection.receiveInKernel(true));
            if (dialTo > 0) {
                Client.dial(connection, new InetSocketAddress("127.0.0.1", dialTo), dialled -> {
                    Side there = new Side(dialled, trace, 0);
                    there.other = this;
                    other = there;
                    return there;
                });
            }
        }

        private Connection to() {
            if (other == null) {
                throw new IllegalStateException("it dials in its first callback");
            }
            return other.connection;
        }

        @Override
        public void received(ByteBuffer input) {
            if (!to().write(input)) {
                holdBack();
            }
        }

        @Override
        public void receivedInKernel(FileRegion bytes) {
            if (!to().transfer(bytes)) {
                holdBack();
            }
        }

        private void holdBack() {
            connection.pauseReading();
            if (!held) {
                held = true;
                trace.say("holds back");
            }
        }

        @Override
        public void drained() {
            to().resumeReading();
        }

        @Override
        public void ended() {
            to().end();
        }

        @Override
        public void closed(Cause cause) {
            if (other != null && cause.kind() != Cause.Kind.END) {
                other.connection.abort();
            }
            trace.say("side closed " + cause.kind());
        }
    }

    /** A relay before an echo. */
    private void relay() {
        int echo = serve(Actor::echo).port();
        serve((connection, trace) -> new Side(connection, trace, echo));
    }

    /** Whether its bytes stay in the kernel. */
    private boolean splices() {
        boolean readiness = model.family() == Family.POLLING || model.family() == Family.REACTOR;
        return readiness
                && model.can(Ability.SENDFILE)
                && System.getProperty("os.name").equals("Linux");
    }

    @Test
    @DisplayName("brings a long stream there and back whole, and each side's end behind its last byte")
    void aStream() throws Exception {
        relay();
        int length = Tier.now().streamBytes + 12_345;
        TestClient client = connect();
        Beside sender = beside(() -> client.send(Pattern.bytes(length)).end());
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(length));
        sender.join();
        witness.await("side closed END");
        assertThat(witness.lines("in the kernel "))
                .containsExactly("in the kernel " + splices(), "in the kernel " + splices());
    }

    @Test
    @DisplayName("passes little on as it comes, and the other way too")
    void littleByLittle() throws Exception {
        relay();
        TestClient client = connect();
        for (int i = 0; i < 100; i++) {
            assertThat(client.ask("ping " + i)).isEqualTo("ping " + i);
        }
        assertThat(client.end().rest().text()).isEmpty();
    }

    @Test
    @DisplayName("takes no more from a fast sender than a slow reader leaves room for, and loses nothing by it")
    void aSlowReader() throws Exception {
        relay();
        int length = 24 << 20;
        TestClient client = connectNarrow();
        Beside sender = beside(() -> {
            client.send(Pattern.bytes(length)).end();
            witness.trace().say("all is sent");
        });
        witness.await("holds back");
        client.read(1000);
        assertThat(witness.lines("all is sent"))
                .as("more than all buffers hold")
                .isEmpty();
        client.discard();
        sender.join();
        witness.await("side closed END");
    }

    @Test
    @DisplayName("leaves nothing behind when a side breaks in the middle of a stream")
    void aBreak() throws Exception {
        long before = Census.descriptors();
        relay();
        for (int i = 0; i < 4; i++) {
            TestClient client = connectNarrow();
            Beside sender = beside(() -> {
                try {
                    client.send(Pattern.bytes(8 << 20));
                } catch (java.io.IOException reset) {
                    // It was cut in the middle, by the line below.
                }
            });
            client.readBytes(100_000);
            client.reset();
            sender.join();
        }
        witness.await("side closed RESET");
        stop(Duration.ZERO);
        finish();
        assertThat(Census.descriptors()).isLessThanOrEqualTo(before);
    }
}

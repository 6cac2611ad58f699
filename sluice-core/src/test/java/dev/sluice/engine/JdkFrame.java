package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.function.Supplier;

/** What the tests of the engines that hold the JDK's channels share: either of them, by its kind. */
abstract class JdkFrame extends EngineFrame<LoopEngine> {
    static final ListenOptions OPTIONS = new ListenOptions(1024, false, true, true, false, false);
    static final int TURN_BYTES = 128 * 1024;

    /** The engines under test. */
    enum Kind {
        NIO(() -> new NioEngine(TURN_BYTES)),
        AIO(AioEngine::new);

        private final Supplier<LoopEngine> constructor;

        Kind(Supplier<LoopEngine> constructor) {
            this.constructor = constructor;
        }

        LoopEngine make() {
            return constructor.get();
        }
    }

    void start(Kind kind) {
        engine = kind.make();
        listen(anyPort(), OPTIONS);
    }

    @Override
    Peer accept(Socket socket) {
        Peer peer = super.accept(socket);
        assertThat(peer.handle().localAddress()).isEqualTo(socket.getRemoteSocketAddress());
        assertThat(peer.handle().descriptor()).isEqualTo(-1);
        return peer;
    }

    void send(Peer peer, byte[] bytes) {
        int before = peer.told().sent.size();
        Chunk chunk = chunk(bytes);
        engine.send(peer.handle(), chunk);
        assertThat(peer.told().sent).as("not from inside the call").hasSize(before);
        until(() -> peer.told().sent.size() > before);
        assertThat(peer.told().sent.getLast()).isEqualTo(bytes.length);
        pool.release(chunk);
    }

    void close(Peer peer, boolean reset) {
        engine.close(peer.handle(), reset);
        assertThat(peer.told().closed).as("not from inside the call").isZero();
        until(() -> peer.told().closed == 1);
        idle(3);
        assertThat(peer.told().closed).isEqualTo(1);
        assertThat(peer.told().order.getLast()).isEqualTo("closed");
    }
}

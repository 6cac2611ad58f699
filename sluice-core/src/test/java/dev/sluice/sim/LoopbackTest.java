package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Which addresses a listener hears, as on Linux. */
class LoopbackTest {
    private record Echo(Connection connection) implements Session {
        @Override
        public void received(ByteBuffer input) {
            connection.write(input);
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    /** Listens on the host "server". */
    private static Server listen(World world, String address) {
        world.host("server");
        return Server.builder(Echo::new)
                .model("sim")
                .listen(new InetSocketAddress(address, 7))
                .start();
    }

    private static void echoes(Peer peer) {
        peer.send("hello").expect("hello").end().expectEnd();
    }

    @Test
    void loopbackIsHeardOnItsOwnHostOnly() {
        try (World world = World.builder(1).faults(Faults.none()).build()) {
            Server server = listen(world, "127.0.0.1");
            Host own = world.host("server");
            int[] errno = new int[1];
            echoes(own.connect(server.address()));
            world.host("other").connect(own.address(7)).mayBreak().onFailed(error -> errno[0] = error);
            world.run();
            assertThat(errno[0]).isEqualTo(Errno.ECONNREFUSED);
        }
    }

    @Test
    void theWildcardHearsAll() {
        try (World world = World.builder(1).faults(Faults.none()).build()) {
            Server server = listen(world, "0.0.0.0");
            Host own = world.host("server");
            echoes(own.connect(new InetSocketAddress("127.0.0.1", server.port())));
            echoes(world.host("other").connect(own.address(server.port())));
            world.run();
        }
    }
}

package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions.Direct;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Dialling through the ring. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringConnectsTest extends UringFrame {
    @Test
    void connects() throws IOException {
        start();
        Handle dialled = engine.connect(listener.localAddress());
        Peer here = peer(dialled);
        Peer there = nextPeer();
        until(() -> !here.told().connected.isEmpty());
        assertThat(here.told().connected).containsExactly(0);
        engine.receive(here.handle());
        engine.receive(there.handle());
        engine.send(here.handle(), chunk(ascii("question")));
        until(() -> there.told().bytes.size() == 8);
        engine.send(there.handle(), chunk(ascii("answer")));
        until(() -> here.told().bytes.size() == 6);
        assertThat(here.handle().localAddress()).isEqualTo(there.handle().remoteAddress());
        close(here, false);
        until(() -> there.told().ends.equals(List.of(0)));
        close(there, false);
    }

    @Test
    void tells_that_nothing_listens_there(@TempDir Path directory) {
        start();
        SocketAddress address = listener.localAddress();
        closeListener();
        Peer refused = peer(engine.connect(address));
        until(() -> !refused.told().connected.isEmpty());
        assertThat(refused.told().connected).containsExactly(-Errno.ECONNREFUSED);
        close(refused, false);

        Peer absent = peer(engine.connect(UnixDomainSocketAddress.of(directory.resolve("nobody"))));
        until(() -> !absent.told().connected.isEmpty());
        assertThat(absent.told().connected).containsExactly(-Errno.ENOENT);
        close(absent, false);
    }

    @Test
    void cancels_a_connect_under_way() throws IOException {
        start(options(64, 256, 16, 128, true, 8, 0));
        // A full accept queue leaves further connects without an answer.
        int fd = Listening.open(anyPort(), new ListenOptions(1, false, false, false, false, false), 0, state);
        SocketAddress address = Sockets.localAddress(fd, state);
        List<Peer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                peers.add(peer(engine.connect(address)));
            }
            idle(3);
            List<Peer> unanswered = peers.stream()
                    .filter(peer -> peer.told().connected.isEmpty())
                    .toList();
            assertThat(unanswered).isNotEmpty();
            for (Peer peer : peers) {
                engine.close(peer.handle(), false);
            }
            until(() -> peers.stream().allMatch(peer -> peer.told().closed == 1));
            assertThat(unanswered)
                    .allSatisfy(peer -> assertThat(peer.told().order).containsExactly("closed"));
            assertThat(engine.lentBlocks()).isZero();
        } finally {
            Descriptors.close(fd, state);
        }
    }
}

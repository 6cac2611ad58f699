package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions.Direct;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the ring does where the process has no descriptor left. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringScarcityTest extends UringFrame {
    @Test
    void tells_that_descriptors_ran_out_and_accepts_again_afterwards() throws IOException {
        Assumptions.assumeTrue(direct == Direct.OFF, "else the table takes over");
        try (Scarcity scarcity = new Scarcity()) {
            listening.onAcceptFailed = () -> engine.stopAccepting(listener);
            engine.accept(listener);
            scarcity.connect();
            until(() -> !listening.acceptFailures.isEmpty());
            idle(3);
        }
        assertThat(listening.acceptFailures).containsExactly(-Errno.EMFILE);
        assertThat(engine.counters().acceptFailures).isEqualTo(1);
        engine.accept(listener);
        close(accept(sockets.getLast()), false);
    }

    @Test
    void serves_and_dials_from_its_table_when_descriptors_ran_out() throws IOException {
        Assumptions.assumeTrue(direct != Direct.OFF, "without a table");
        try (Scarcity scarcity = new Scarcity()) {
            engine.accept(listener);
            scarcity.connect();
            Peer peer = nextPeer();
            assertThat(peer.handle().descriptor()).isEqualTo(-1);
            assertThat(peer.handle().remoteAddress()).isEqualTo(scarcity.waiting.getLocalSocketAddress());
            Peer dialled = peer(engine.connect(scarcity.address));
            until(() -> dialled.told().connected.equals(List.of(0)));
            assertThat(dialled.handle().descriptor()).isEqualTo(-1);
            close(dialled, false);
            engine.receive(peer.handle());
            scarcity.waiting.getOutputStream().write(ascii("hello"));
            until(() -> peer.told().bytes.size() == 5);
            close(peer, false);
        }
        assertThat(listening.acceptFailures).isEmpty();
        assertThat(engine.counters().acceptFailures).isZero();
    }

    /** What the simulated kernel must do as well: otherwise a descriptor was wanted, and its absence ended the session. */
    @Test
    void tells_who_has_reset_when_descriptors_ran_out() throws IOException {
        Assumptions.assumeTrue(direct != Direct.OFF, "without a table");
        try (Scarcity scarcity = new Scarcity()) {
            engine.accept(listener);
            SocketAddress address = scarcity.waiting.getLocalSocketAddress();
            scarcity.connect();
            Peer peer = nextPeer();
            engine.receive(peer.handle());
            scarcity.waiting.setSoLinger(true, 0);
            scarcity.waiting.close();
            scarcity.fillers.add(filler());
            until(() -> peer.told().ends.equals(List.of(-Errno.ECONNRESET)));
            assertThat(peer.handle().remoteAddress()).isEqualTo(address);
            close(peer, false);
        }
    }

    /** The process has no descriptor left, and nothing is accepted yet; a client has one already. */
    private final class Scarcity implements AutoCloseable {
        private final Socket waiting = new Socket();
        private final SocketAddress address;
        private final List<Integer> fillers = new ArrayList<>();
        private final long limit = Descriptors.softDescriptorLimit(state);

        Scarcity() throws IOException {
            start();
            loadWhatIsLoadedLazily();
            sockets.add(waiting);
            waiting.bind(anyPort()); // has its descriptor
            address = listener.localAddress();
            engine.stopAccepting(listener); // an armed accept keeps the limit of when it was armed
            idle(2);
            Descriptors.setSoftDescriptorLimit(openDescriptors() + 40, state);
            for (int fd = filler(); fd >= 0; fd = filler()) {
                fillers.add(fd);
            }
        }

        void connect() throws IOException {
            waiting.connect(address);
        }

        @Override
        public void close() {
            fillers.forEach(fd -> Descriptors.close(fd, state));
            Descriptors.setSoftDescriptorLimit(limit, state);
        }
    }

    /** The directory of a class can't be read later. */
    private void loadWhatIsLoadedLazily() throws IOException {
        Peer here = peer(engine.connect(listener.localAddress()));
        Peer there = nextPeer();
        until(() -> here.told().connected.equals(List.of(0)));
        engine.receive(there.handle());
        engine.send(here.handle(), chunk(ascii("hello")));
        until(() -> there.told().bytes.size() == 5);
        close(here, false);
        close(there, false);
        close(accept(dial()), false);
    }

    private int filler() {
        return Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state);
    }
}

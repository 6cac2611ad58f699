package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What sockets of a world answer where a real kernel was asked the same: bench/orders.py, and docs/simulation.md. */
@Timeout(60)
class SimSocketTest {
    private static final int PORT = 7;

    private final World world = World.builder(1).faults(Faults.none()).build();
    private final Host here = world.host("here");
    private final Host there = world.host("there");
    private final SimSocket near = new SimSocket(here);
    private SimListener listener;

    @BeforeEach
    void connect() {
        listener = listen(there.address(PORT), 1);
        near.connect(listener.local);
        world.run();
    }

    private SimListener listen(InetSocketAddress address, int backlog) {
        SimListener made = new SimListener(there, address, backlog, false);
        there.add(made);
        return made;
    }

    @AfterEach
    void end() {
        listener.close();
        world.close();
    }

    private SimSocket accepted() {
        SimSocket socket = listener.accept();
        assertThat(socket).isNotNull();
        return socket;
    }

    private static void send(SimSocket socket, int bytes) {
        socket.output().reserve(bytes);
        socket.sent(bytes);
    }

    /** tcp_done(): it is TCP_CLOSE, though nobody has closed it. */
    @Test
    void whatHasEndedOnBothSidesIsConnectedNoMore() {
        SimSocket far = accepted();
        near.shutdownOutput();
        world.run();
        assertThat(near.remoteAddress()).isEqualTo(listener.local);
        far.shutdownOutput();
        world.run();
        for (SimSocket socket : List.of(near, far)) {
            assertThat(socket.remoteAddress()).isNull();
            assertThat(socket.shutdownOutput()).isEqualTo(-Errno.ENOTCONN);
            assertThat(socket.sendable()).isEqualTo(-Errno.EPIPE);
            assertThat(socket.receivable()).isZero();
        }
    }

    @Test
    void noResetComesBehindBothEnds() {
        SimSocket far = accepted();
        send(near, 5);
        near.shutdownOutput();
        far.shutdownOutput();
        world.run();
        far.resetOnClose();
        far.close(); // and has bytes that nobody has read
        world.run();
        assertThat(near.readiness() & Pollable.ERR).isZero();
        assertThat(near.takeError()).isZero();
        assertThat(near.receivable()).isZero();
    }

    /** From FIN_WAIT1 to FIN_WAIT2: edge-triggered waits return once more. */
    @Test
    void theAcknowledgementOfAnEndWakes() {
        accepted();
        List<Integer> keys = new ArrayList<>();
        near.watch(keys::add);
        near.shutdownOutput();
        assertThat(keys).containsExactly(Pollable.ANYTHING);
        world.run();
        assertThat(keys).containsExactly(Pollable.ANYTHING, Pollable.ANYTHING);
    }

    /** tcp_v4_syn_recv_sock(): a handshake that ends when the queue is full ends again later. */
    @Test
    void aFullQueueTakesNobodyFromAHandshakeUnderWay() {
        accepted();
        List<SimSocket> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SimSocket client = new SimSocket(here);
            client.connect(listener.local);
            clients.add(client);
        }
        world.run(Duration.ofMillis(900));
        assertThat(clients).allMatch(SimSocket::isEstablished);
        accepted();
        accepted();
        assertThat(listener.accept()).isNull();
        world.run(Duration.ofSeconds(3));
        accepted();
        accepted();
    }

    /** After tcp_synack_retries the server knows nothing of it; its client learns by what it sends. */
    @Test
    void aHandshakeThatNeverEndsIsForgotten() {
        accepted();
        SimSocket last = near;
        for (int i = 0; i < 3; i++) {
            last = new SimSocket(here);
            last.connect(listener.local);
        }
        world.run();
        assertThat(last.isEstablished()).isTrue();
        accepted();
        accepted();
        assertThat(listener.accept()).isNull();
        send(last, 5);
        world.run();
        assertThat(last.receivable()).isEqualTo(-Errno.ECONNRESET);
    }
}

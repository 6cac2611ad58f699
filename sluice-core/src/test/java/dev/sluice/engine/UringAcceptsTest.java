package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.UringOptions.Direct;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Newcomers of the ring: on each kind of listener, one that pauses, closes or is shared, and handed over. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringAcceptsTest extends UringFrame {
    @Test
    void listens_on_unix_sockets(@TempDir Path directory) throws IOException {
        engine = new UringEngine(standard(), TURN_BYTES);
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        listen(address, OPTIONS);
        try (SocketChannel channel = SocketChannel.open(address)) {
            Peer peer = nextPeer();
            engine.receive(peer.handle());
            channel.write(ByteBuffer.wrap(ascii("hello")));
            until(() -> peer.told().bytes.size() == 5);
            assertThat(peer.handle().localAddress()).isEqualTo(address);
            close(peer, false);
        }
        closeListener();
    }

    @Test
    void accepts_on_a_listening_descriptor_from_elsewhere_whatever_its_flags() throws IOException {
        engine = new UringEngine(standard(), TURN_BYTES);
        for (int flags : new int[] {0, Sockets.SOCK_NONBLOCK}) {
            int fd = Listening.open(anyPort(), OPTIONS, flags, state);
            acceptOn(engine.listenOn(fd));
            idle(2); // with nobody there yet
            for (int i = 0; i < 3; i++) {
                close(accept(dial()), false);
            }
            assertThat(listening.acceptFailures).isEmpty();
            closeListener();
        }
    }

    @Test
    void refuses_a_listening_address_that_is_taken() {
        start();
        assertThatThrownBy(() -> engine.listen(listener.localAddress(), OPTIONS))
                .isInstanceOf(SysException.class)
                .hasMessageContaining("EADDRINUSE");
    }

    @Test
    void stops_accepting_and_starts_again() throws IOException {
        start();
        close(accept(dial()), false);
        engine.stopAccepting(listener);
        idle(3);
        Socket waiting = dial();
        idle(5);
        assertThat(listening.newcomers).hasSize(1);
        engine.accept(listener);
        close(accept(waiting), false);
        closeListener();
    }

    @Test
    void closes_a_listener_with_newcomers_on_their_way() throws IOException {
        long before = openDescriptors();
        start();
        idle(1);
        for (int i = 0; i < 5; i++) {
            dial();
        }
        closeListener();
        for (Handle handle : listening.newcomers) {
            close(peer(handle), false);
        }
        for (Socket socket : sockets) {
            socket.close();
        }
        engine.close();
        assertThat(openDescriptors()).isEqualTo(before);
    }

    @Test
    void adopts_a_newcomer_of_another_engine() throws IOException {
        start(standard(), new ListenOptions(1024, false, true, false, true, false));
        Socket socket = dial();
        until(() -> !listening.newcomers.isEmpty());
        Handle foreign = listening.newcomers.getFirst();
        CompletableFuture.runAsync(() -> {
                    try (UringEngine other = new UringEngine(standard(), TURN_BYTES)) {
                        Told told = new Told();
                        Handle mine = other.adopt(foreign);
                        mine.completion(told);
                        other.receive(mine);
                        socket.getOutputStream().write(ascii("moved"));
                        while (told.bytes.size() < 5) {
                            other.poll(TURN_NANOS);
                        }
                        other.close(mine, false);
                        while (told.closed == 0) {
                            other.poll(TURN_NANOS);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .join();
        assertThat(foreign.descriptor()).isEqualTo(-1);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void two_rings_share_a_listener() throws IOException {
        start();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger there = new AtomicInteger();
        int duplicate = Descriptors.dup(listener.descriptor(), state);
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            try (UringEngine second = new UringEngine(standard(), TURN_BYTES)) {
                Told told = new Told();
                told.onAccepted = newcomer -> {
                    there.incrementAndGet();
                    second.close(peer(newcomer).handle(), false);
                };
                Handle shared = second.listenOn(duplicate);
                shared.completion(told);
                second.accept(shared);
                while (!over.get()) {
                    second.poll(TURN_NANOS);
                }
                second.close(shared, false);
                while (told.closed == 0) {
                    second.poll(TURN_NANOS);
                }
            }
        });
        listening.onAccepted = newcomer -> engine.close(peer(newcomer).handle(), false);
        for (int i = 1; i <= 200; i++) {
            int count = i;
            dial();
            until(() -> listening.newcomers.size() + there.get() == count);
        }
        over.set(true);
        other.join();
        assertThat(listening.acceptFailures).isEmpty();
        Socket last = dial(); // the other ring's close has not closed this one's listener
        until(() -> listening.newcomers.size() + there.get() == 201);
        idle(2);
        assertThat(last.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void gives_a_newcomer_of_its_table_back_as_an_ordinary_descriptor() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        int before = peer.handle().descriptor();
        Peer moved = peer(engine.adopt(peer.handle()));
        assertThat(peer.handle().descriptor()).isEqualTo(-1);
        assertThat(moved.handle().descriptor()).isPositive();
        assertThat(before).isEqualTo(direct == Direct.ON ? -1 : moved.handle().descriptor());
        assertThat(moved.handle().remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
        engine.receive(moved.handle());
        socket.getOutputStream().write(ascii("moved"));
        until(() -> moved.told().bytes.size() == 5);
        close(moved, false);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
}

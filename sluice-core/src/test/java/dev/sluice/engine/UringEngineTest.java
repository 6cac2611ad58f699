package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.OpenFile;
import dev.sluice.UringOptions.Direct;
import dev.sluice.UringSwitch;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drives the ring directly: what is hard about it, with queues and buffers small enough to run out. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringEngineTest extends UringFrame {
    // ---- the plain ways

    static IntStream levels() {
        return IntStream.range(0, UringSetup.levels());
    }

    @ParameterizedTest
    @MethodSource("levels")
    void echoes_at_each_level_of_set_up(int level) throws IOException {
        start(options(64, 256, 16, 1024, true, 64, level));
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        for (int i = 0; i < 10; i++) {
            socket.getOutputStream().write(ascii("ping " + i));
            int round = i + 1;
            until(() -> peer.told().receives == round);
            engine.send(peer.handle(), chunk(ascii("pong " + i)));
            until(() -> peer.told().sent.size() == round);
            assertThat(socket.getInputStream().readNBytes(6)).isEqualTo(ascii("pong " + i));
        }
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).startsWith("ping 0ping 1ping 2");
        assertThat(peer.told().sent).containsOnly(6L);
        close(peer, false);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        assertThat(engine.counters().receivedBytes).isEqualTo(60);
        assertThat(engine.counters().sentBytes).isEqualTo(60);
        assertThat(engine.counters().receives).isEqualTo(10);
        assertThat(engine.counters().accepts).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multishot=off",
                "multishot=off,incremental=off",
                "taskrun=coop",
                "sqpoll=1",
                "spin=100",
                "napi=10",
                "send-zc=1",
                "send-zc=1,sqpoll=1,spin=20",
                "buffers=2x64,multishot=off"
            })
    void each_switch_carries_bytes_both_ways(String switches) throws IOException {
        start(UringSwitch.parse(switches).toBuilder().direct(direct).build());
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        byte[] bytes = randomBytes(300_000);
        CompletableFuture<Void> writing = writing(socket, bytes);
        until(() -> peer.told().bytes.size() == bytes.length);
        writing.join();
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
        CompletableFuture<byte[]> reading = reading(socket, bytes.length);
        for (int offset = 0; offset < bytes.length; ) {
            offset += sendSome(peer, bytes, offset, 1);
        }
        assertThat(reading.join()).isEqualTo(bytes);
        assertThat(engine.features()).isNotEmpty();
        socket.shutdownOutput();
        until(() -> peer.told().ends.equals(List.of(0)));
        engine.shutdownOutput(peer.handle());
        idle(1);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        close(peer, false);
        closeListener();
    }

    /** A relay that is given 8 KB at a time costs four times the processor time of one that is given 64 (docs/models/io_uring.md). */
    @Test
    void brings_much_that_waits_in_few_pieces() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(48_000); // less than a receive buffer of the kernel's holds
        writing(socket, bytes).join();
        idle(2);
        engine.receive(peer.handle());
        until(() -> peer.told().bytes.size() == bytes.length);
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
        assertThat(peer.told().receives).isLessThanOrEqualTo(2);
        close(peer, false);
        closeListener();
    }

    @Test
    void says_what_is_active() {
        assertThat(UringEngine.availability().reason())
                .contains("SINGLE_ISSUER")
                .contains("multishot");
    }

    @Test
    void is_made_on_one_thread_and_turned_by_another() throws IOException {
        start();
        Socket socket = dial();
        CompletableFuture.runAsync(() -> {
                    Peer peer = nextPeer();
                    close(peer, false);
                    closeListener();
                    engine.close();
                })
                .join();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void listens_on_unix_sockets(@TempDir Path directory) throws IOException {
        engine = new UringEngine(standard(), TURN_BYTES);
        listening = new Told();
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        listener = engine.listen(address, OPTIONS);
        listener.completion(listening);
        engine.accept(listener);
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
            int fd = Listening.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), OPTIONS, flags, state);
            listening = new Told();
            listener = engine.listenOn(fd);
            listener.completion(listening);
            engine.accept(listener);
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

    // ---- input

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void receives_much_through_few_buffers_and_counts_that_they_ran_out(boolean incremental) throws IOException {
        start(tinyBuffers(incremental));
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        byte[] bytes = randomBytes(1 << 20);
        CompletableFuture<Void> writing = writing(socket, bytes);
        until(() -> peer.told().bytes.size() == bytes.length);
        writing.join();
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
        assertThat(engine.counters().bufferExhaustions).isPositive();
        close(peer, false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shares_few_buffers_among_many_connections(boolean incremental) throws IOException {
        start(tinyBuffers(incremental));
        int count = 50;
        List<Socket> clients = new ArrayList<>();
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = dial();
            clients.add(socket);
            peers.add(accept(socket));
            engine.receive(peers.getLast().handle());
        }
        for (int i = 0; i < count; i++) {
            clients.get(i).getOutputStream().write(randomBytes(1000 + i));
        }
        until(() -> IntStream.range(0, count)
                .allMatch(i -> peers.get(i).told().bytes.size() == 1000 + i));
        for (int i = 0; i < count; i++) {
            assertThat(peers.get(i).told().bytes.toByteArray()).isEqualTo(randomBytes(1000 + i));
        }
        assertThat(engine.counters().bufferExhaustions).isPositive();
        peers.forEach(peer -> close(peer, true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loses_nothing_when_the_completion_queue_overflows(boolean incremental) throws IOException {
        start(tinyCompletions(incremental));
        int count = 40;
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(dial());
        }
        until(() -> listening.newcomers.size() == count);
        List<Peer> peers =
                listening.newcomers.stream().map(UringEngineTest::peer).toList();
        peers.forEach(peer -> engine.receive(peer.handle()));
        // The newcomers may have come in any order.
        Map<SocketAddress, Peer> byAddress = new HashMap<>();
        peers.forEach(peer -> byAddress.put(peer.handle().remoteAddress(), peer));
        Random random = new Random(3);
        byte[][] written = new byte[count][0];
        for (int round = 1; round <= 20; round++) {
            for (int i = 0; i < count; i++) {
                byte[] some = new byte[random.nextInt(1, 500)];
                random.nextBytes(some);
                clients.get(i).getOutputStream().write(some);
                written[i] = concatenated(written[i], some);
            }
            long expected =
                    Arrays.stream(written).mapToLong(bytes -> bytes.length).sum();
            until(() ->
                    peers.stream().mapToLong(peer -> peer.told().bytes.size()).sum() >= expected);
            peers.forEach(peer -> engine.send(peer.handle(), chunk(ascii("thanks"))));
            int sends = round;
            until(() -> peers.stream().allMatch(peer -> peer.told().sent.size() == sends));
            for (Socket socket : clients) {
                assertThat(socket.getInputStream().readNBytes(6)).isEqualTo(ascii("thanks"));
            }
        }
        for (int i = 0; i < count; i++) {
            Peer peer = Objects.requireNonNull(byAddress.get(clients.get(i).getLocalSocketAddress()));
            assertThat(peer.told().bytes.toByteArray()).isEqualTo(written[i]);
        }
        assertThat(engine.counters().completionOverflows).isPositive();
        peers.forEach(peer -> engine.close(peer.handle(), false));
        until(() -> peers.stream().allMatch(peer -> peer.told().closed == 1));
        assertWakesUp();
    }

    @Test
    void tells_no_more_than_its_share_in_one_poll_and_the_rest_in_the_next() throws IOException {
        start(options(64, 256, 64, 256, true, 3, 0));
        List<Peer> peers = new ArrayList<>();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(dial());
            peers.add(accept(clients.getLast()));
            engine.receive(peers.getLast().handle());
        }
        idle(3);
        for (Socket socket : clients) {
            socket.getOutputStream().write(1);
        }
        int most = 0;
        while (peers.stream().anyMatch(peer -> peer.told().receives == 0)) {
            int before = peers.stream().mapToInt(peer -> peer.told().receives).sum();
            engine.poll(TURN_NANOS);
            int after = peers.stream().mapToInt(peer -> peer.told().receives).sum();
            most = Math.max(most, after - before);
        }
        assertThat(most).isEqualTo(3);
    }

    @Test
    void tells_the_end_after_the_last_bytes_and_still_sends() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        socket.getOutputStream().write(ascii("last words"));
        socket.shutdownOutput();
        until(() -> !peer.told().ends.isEmpty());
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("last words");
        assertThat(peer.told().order).endsWith("received", "receiveEnded");
        assertThat(peer.told().ends).containsExactly(0);
        engine.send(peer.handle(), chunk(ascii("answer")));
        until(() -> peer.told().sent.size() == 1);
        engine.shutdownOutput(peer.handle());
        idle(1); // where the ring does it, it is submitted now
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(ascii("answer"));
        close(peer, false);
        assertThat(peer.told().ends).hasSize(1);
    }

    @Test
    void tells_a_reset() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(1);
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
        until(() -> !peer.told().ends.isEmpty());
        assertThat(peer.told().ends).containsExactly(-Errno.ECONNRESET);
        close(peer, false);
    }

    @Test
    void receives_nothing_once_it_is_stopped_and_everything_once_it_is_asked_again() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        socket.getOutputStream().write(ascii("one"));
        until(() -> peer.told().bytes.size() == 3);
        engine.stopReceiving(peer.handle());
        idle(3);
        socket.getOutputStream().write(ascii("two"));
        socket.shutdownOutput();
        idle(5);
        assertThat(peer.told().bytes.size()).isEqualTo(3);
        assertThat(peer.told().ends).isEmpty();
        engine.receive(peer.handle());
        until(() -> !peer.told().ends.isEmpty());
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("onetwo");
        close(peer, false);
    }

    @Test
    void receives_again_while_the_stop_is_in_flight() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        Random random = new Random(7);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            engine.receive(peer.handle());
            if (random.nextBoolean()) {
                engine.poll(0);
            }
            engine.stopReceiving(peer.handle());
            if (random.nextInt(3) > 0) {
                engine.poll(0); // submits the cancel; its completion comes in the next turn at the earliest
            }
            engine.receive(peer.handle());
            socket.getOutputStream().write(ascii(i + " "));
            expected.append(i).append(' ');
            until(() -> peer.told().bytes.size() == expected.length());
            if (random.nextBoolean()) {
                engine.stopReceiving(peer.handle());
            }
        }
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).isEqualTo(expected.toString());
        assertThat(peer.told().ends).isEmpty();
        close(peer, false);
    }

    @Test
    void stops_from_within_the_callback_and_resumes_without_a_gap() throws IOException {
        start(options(64, 256, 16, 128, true, 8, 0));
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told().onReceived = lent -> engine.stopReceiving(peer.handle());
        byte[] bytes = randomBytes(200_000);
        CompletableFuture<Void> writing = writing(socket, bytes);
        while (peer.told().bytes.size() < bytes.length) {
            engine.receive(peer.handle());
            engine.poll(TURN_NANOS);
        }
        writing.join();
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
        close(peer, false);
    }

    // ---- output

    @Test
    void sends_more_than_the_socket_holds() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(8 << 20);
        CompletableFuture<byte[]> reading = reading(socket, bytes.length);
        int offset = 0;
        int[] chunkCounts = {1, 2, 16, 40}; // 40 are more than one message has vectors for
        for (int round = 0; offset < bytes.length; round++) {
            offset += sendSome(peer, bytes, offset, chunkCounts[round % chunkCounts.length]);
        }
        assertThat(reading.join()).isEqualTo(bytes);
        assertThat(engine.counters().sentBytes).isEqualTo(bytes.length);
        close(peer, false);
    }

    @Test
    void sends_a_part_of_a_file(@TempDir Path directory) throws IOException {
        start();
        byte[] bytes = randomBytes(300_000);
        Path path = Files.write(directory.resolve("file"), bytes);
        Socket socket = dial();
        Peer peer = accept(socket);
        try (TestFile file = new TestFile(path)) {
            CompletableFuture<byte[]> reading = reading(socket, 250_000);
            long position = 50_000;
            while (position < bytes.length) {
                int before = peer.told().sent.size();
                engine.sendFile(peer.handle(), file, position, bytes.length - position);
                until(() -> peer.told().sent.size() > before);
                assertThat(peer.told().sent.getLast()).isPositive();
                position += peer.told().sent.getLast();
            }
            assertThat(reading.join()).isEqualTo(Arrays.copyOfRange(bytes, 50_000, bytes.length));
            engine.sendFile(peer.handle(), file, bytes.length, 10);
            until(() -> peer.told().sent.getLast() < 0);
            assertThat(peer.told().sent.getLast()).isEqualTo(-Errno.ENODATA);
        }
        close(peer, false);
    }

    @Test
    void tells_that_the_peer_is_gone() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
        int[] rounds = {0};
        peer.told().onSent = () -> rounds[0]++;
        while (peer.told().sent.isEmpty() || peer.told().sent.getLast() > 0) {
            int before = rounds[0];
            engine.send(peer.handle(), chunk(ascii("anyone there?")));
            until(() -> rounds[0] > before);
        }
        assertThat(peer.told().sent.getLast()).isIn((long) -Errno.ECONNRESET, (long) -Errno.EPIPE);
        close(peer, false);
    }

    @Test
    void goes_on_when_the_submission_queue_is_full() throws IOException {
        start(options(4, 512, 64, 256, true, 512, 0));
        int count = 60;
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(dial());
        }
        until(() -> listening.newcomers.size() == count);
        List<Peer> peers =
                listening.newcomers.stream().map(UringEngineTest::peer).toList();
        for (Peer peer : peers) {
            engine.receive(peer.handle());
            engine.send(peer.handle(), chunk(ascii("welcome")));
        }
        for (Socket socket : clients) {
            socket.getOutputStream().write(ascii("thanks"));
        }
        until(() -> peers.stream()
                .allMatch(peer ->
                        peer.told().bytes.size() == 6 && peer.told().sent.size() == 1));
        for (Socket socket : clients) {
            assertThat(socket.getInputStream().readNBytes(7)).isEqualTo(ascii("welcome"));
        }
    }

    // ---- closing

    @Test
    void closes_with_operations_in_flight_and_tells_nothing_but_that() throws IOException {
        start();
        Socket socket = dial();
        socket.setReceiveBufferSize(4096);
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        fill(peer); // a send that can't end: the peer doesn't read
        int told = peer.told().order.size();
        engine.close(peer.handle(), true);
        engine.close(peer.handle(), true);
        engine.receive(peer.handle());
        until(() -> peer.told().closed > 0);
        idle(3);
        assertThat(peer.told().order.subList(told, peer.told().order.size())).containsExactly("closed");
        assertThat(engine.lentBlocks()).isZero();
        assertThatThrownBy(() -> drain(socket)).isInstanceOf(IOException.class);
    }

    @Test
    void closes_while_the_memory_of_a_zero_copy_send_is_in_use() throws IOException {
        start(standard().toBuilder().zeroCopy(1).build());
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        fill(peer); // the peer doesn't read
        engine.close(peer.handle(), true);
        until(() -> peer.told().closed == 1);
        assertThat(peer.told().order.getLast()).isEqualTo("closed");
        assertThat(engine.lentBlocks()).isZero();
    }

    private static void drain(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] some = new byte[64 * 1024];
        while (in.read(some) >= 0) {
            assertThat(some).isNotNull();
        }
    }

    @Test
    void closes_from_within_each_callback() throws IOException {
        start();
        Socket first = dial();
        Peer receiving = accept(first);
        receiving.told().onReceived = lent -> engine.close(receiving.handle(), false);
        engine.receive(receiving.handle());
        first.getOutputStream().write(1);
        until(() -> receiving.told().closed == 1);
        assertThat(receiving.told().order).containsExactly("received", "closed");

        Socket second = dial();
        Peer ending = accept(second);
        ending.told().onEnd = () -> engine.close(ending.handle(), false);
        engine.receive(ending.handle());
        second.shutdownOutput();
        until(() -> ending.told().closed == 1);
        assertThat(ending.told().order).containsExactly("receiveEnded", "closed");

        Peer sending = accept(dial());
        sending.told().onSent = () -> engine.close(sending.handle(), true);
        engine.send(sending.handle(), chunk(ascii("bye")));
        until(() -> sending.told().closed == 1);
        assertThat(sending.told().order).containsExactly("sent", "closed");

        listening.onAccepted = peer -> engine.close(listener, false);
        dial();
        until(() -> listening.closed == 1);
    }

    @Test
    void a_reset_is_seen_as_one_and_an_end_as_an_end() throws IOException {
        start();
        Socket gentle = dial();
        close(accept(gentle), false);
        assertThat(gentle.getInputStream().read()).isEqualTo(-1);
        Socket harsh = dial();
        close(accept(harsh), true);
        assertThatThrownBy(() -> harsh.getInputStream().read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void uses_descriptors_and_slots_again_without_mixing_their_bearers_up() throws IOException {
        start();
        long before = openDescriptors();
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            Socket socket = dial();
            Peer peer = accept(socket);
            engine.receive(peer.handle());
            byte[] bytes = ascii("round " + i);
            socket.getOutputStream().write(bytes);
            if (random.nextBoolean()) {
                until(() -> peer.told().bytes.size() == bytes.length);
            }
            if (random.nextBoolean()) {
                engine.send(peer.handle(), chunk(bytes));
            }
            engine.close(peer.handle(), random.nextBoolean());
            until(() -> peer.told().closed == 1);
            assertThat(new String(bytes, StandardCharsets.US_ASCII))
                    .startsWith(peer.told().bytes.toString(StandardCharsets.US_ASCII));
            assertThat(peer.told().ends).isEmpty();
            socket.close();
        }
        assertThat(openDescriptors()).isEqualTo(before);
        assertThat(engine.lentBlocks()).isZero();
    }

    @Test
    void leaves_no_descriptor_behind() throws IOException {
        long before = openDescriptors();
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(1);
        engine.close(); // with everything still open
        socket.close();
        assertThat(openDescriptors()).isEqualTo(before);
    }

    // ---- accepting

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

    /** The process has no descriptor left, and nothing is accepted yet; a client has one already. */
    private final class Scarcity implements AutoCloseable {
        private final Socket waiting = new Socket();
        private final SocketAddress address;
        private final List<Integer> fillers = new ArrayList<>();
        private final long limit = Descriptors.softDescriptorLimit(state);

        Scarcity() throws IOException {
            start();
            UringEngineTest.this.close(accept(dial()), false); // whatever is loaded lazily is loaded
            sockets.add(waiting);
            waiting.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)); // has its descriptor
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

    private int filler() {
        return Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state);
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

    // ---- connecting

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
        int fd = Listening.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ListenOptions(1, false, false, false, false, false),
                0,
                state);
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

    // ---- waiting

    private void assertWakesUp() {
        AtomicBoolean over = new AtomicBoolean();
        Thread waker = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                engine.wake();
                Thread.onSpinWait();
            }
        });
        for (int i = 0; i < 100; i++) {
            engine.poll(-1); // would last without end
        }
        over.set(true);
        try {
            waker.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void wakes_up_from_any_thread() {
        engine = new UringEngine(standard(), TURN_BYTES);
        assertWakesUp();
    }

    @Test
    void a_wake_before_the_poll_ends_the_poll() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.wake();
        engine.poll(-1);
        engine.poll(0);
        engine.wake();
        engine.poll(-1);
        assertThat(engine.counters().waits).isEqualTo(3);
    }

    @Test
    void a_wake_after_the_close_does_nothing() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.poll(0);
        engine.close();
        engine.wake();
        engine.close();
    }

    @Test
    @Tag("slow")
    void waits_for_as_long_as_it_is_told() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.poll(0);
        for (long millis : new long[] {1, 30, 1200}) {
            long start = System.nanoTime();
            engine.poll(TimeUnit.MILLISECONDS.toNanos(millis));
            long waited = System.nanoTime() - start;
            assertThat(waited).isBetween(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.SECONDS.toNanos(10));
        }
    }

    @Test
    void costs_one_system_call_a_turn() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told().onReceived = lent -> engine.send(peer.handle(), chunk(ascii("pong")));
        engine.receive(peer.handle());
        long calls = engine.counters().systemCalls;
        long waits = engine.counters().waits;
        for (int i = 1; i <= 100; i++) {
            int round = i;
            socket.getOutputStream().write(ascii("ping"));
            until(() -> peer.told().sent.size() == round);
            assertThat(socket.getInputStream().readNBytes(4)).isEqualTo(ascii("pong"));
        }
        assertThat(engine.counters().systemCalls - calls).isEqualTo(engine.counters().waits - waits);
    }

    /** A file that is read by its descriptor. */
    private static final class TestFile implements OpenFile, AutoCloseable {
        private final InputStream stream;
        private final int fd;

        TestFile(Path path) throws IOException {
            stream = new FileInputStream(path.toFile());
            try (var entries = Files.list(Path.of("/proc/self/fd"))) {
                fd = entries.filter(entry -> path.equals(target(entry)))
                        .mapToInt(entry -> Integer.parseInt(entry.getFileName().toString()))
                        .findFirst()
                        .orElseThrow();
            }
        }

        private static @Nullable Path target(Path link) {
            try {
                return Files.readSymbolicLink(link);
            } catch (IOException e) {
                return null; // closed meanwhile
            }
        }

        @Override
        public long sizeBytes() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long modifiedMillis() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long version() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer into, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int descriptor() {
            return fd;
        }

        @Override
        public OpenFile retain() {
            return this;
        }

        @Override
        public void release() {}

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}

package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions.Direct;
import dev.sluice.UringSwitch;
import dev.sluice.observe.Incident;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The multishot receive of datagrams: where its buffers are at each moment, and that none is lost. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(value = Direct.class, names = "AUTO")
class UringDatagramsTest extends UringFrame {
    private static final int MAX_BYTES = 100;

    private final List<Integer> descriptors = new ArrayList<>();
    private DatagramSocket client;

    /** An owner that takes what it is told of, until it is to hold it. */
    private static final class Owner {
        final List<String> received = new ArrayList<>();
        final List<Integer> failures = new ArrayList<>();
        final InetSocketAddress address;

        @Nullable
        DatagramInput input;

        @Nullable
        InetSocketAddress from;

        boolean cut;
        boolean holds;
        int calls;

        Owner(InetSocketAddress address) {
            this.address = address;
        }

        DatagramInput in() {
            return Objects.requireNonNull(input);
        }

        void ready(int events) {
            calls++;
            int n = events < 0 ? events : in().receive();
            if (n < 0) {
                failures.add(n);
                return;
            }
            for (int i = 0; i < n; i++) {
                ByteBuffer bytes = in().bytes(i);
                received.add(StandardCharsets.US_ASCII.decode(bytes).toString());
                from = (InetSocketAddress) SocketAddresses.decode(in().address(i), in().addressBytes(i));
                cut = in().isTruncated(i);
            }
            if (!holds) {
                in().done();
            }
        }
    }

    @BeforeEach
    void openClient() throws IOException {
        client = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void closeDescriptors() {
        client.close();
        try (var ended = Arena.ofConfined()) {
            CallState calls = new CallState(ended);
            descriptors.forEach(fd -> Descriptors.close(fd, calls));
        }
    }

    private int socket(@Nullable InetSocketAddress peer) {
        int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK;
        int fd = SysException.check(Sockets.socket(Sockets.AF_INET, type, 0, state), "socket", "");
        descriptors.add(fd);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        SysException.check(Sockets.bind(fd, any, Sockets.AF_INET, state), "bind", any);
        if (peer != null) {
            SysException.check(Sockets.connect(fd, peer, Sockets.AF_INET, state), "connect", peer);
        }
        return fd;
    }

    private Owner open(int count, @Nullable InetSocketAddress peer) {
        int fd = socket(peer);
        Owner owner = new Owner((InetSocketAddress) Sockets.localAddress(fd, state));
        int addressBytes = SocketAddresses.internetBytes(Sockets.AF_INET);
        owner.input = engine.datagrams(fd, addressBytes, MAX_BYTES, count, owner::ready);
        return owner;
    }

    private Owner open(int count) {
        Owner owner = open(count, null);
        owner.in().interest(true);
        return owner;
    }

    private void send(Owner to, String text) throws IOException {
        byte[] bytes = ascii(text);
        client.send(new DatagramPacket(bytes, bytes.length, to.address));
    }

    private void sendNumbered(Owner to, int from, int below) throws IOException {
        for (int i = from; i < below; i++) {
            send(to, "datagram " + i);
        }
    }

    private static List<String> numbered(int below) {
        return IntStream.range(0, below).mapToObj(i -> "datagram " + i).toList();
    }

    @Test
    void tells_bytes_sender_emptiness_and_truncation() throws IOException {
        start();
        Owner owner = open(4);
        send(owner, "hello");
        until(() -> owner.received.equals(List.of("hello")));
        assertThat(owner.from).isEqualTo(client.getLocalSocketAddress());
        assertThat(owner.cut).isFalse();
        send(owner, "");
        send(owner, "x".repeat(MAX_BYTES));
        until(() -> owner.received.size() == 3); // an empty one ends the receive, io_recvmsg_multishot()
        assertThat(owner.received.subList(1, 3)).containsExactly("", "x".repeat(MAX_BYTES));
        assertThat(owner.cut).isFalse();
        send(owner, "y".repeat(MAX_BYTES + 1));
        until(() -> owner.received.size() == 4);
        assertThat(owner.received.getLast()).isEqualTo("y".repeat(MAX_BYTES));
        assertThat(owner.cut).isTrue();
    }

    @Test
    void tells_a_burst_at_once_and_costs_one_call_a_turn() throws IOException {
        start();
        Owner owner = open(64);
        idle(1);
        long calls = engine.counters().systemCalls;
        long waits = engine.counters().waits;
        sendNumbered(owner, 0, 32);
        until(() -> owner.received.size() == 32);
        assertThat(owner.received).isEqualTo(numbered(32));
        assertThat(owner.calls).isLessThanOrEqualTo(2); // the kernel posts up to 32 in a row
        assertThat(engine.counters().systemCalls - calls).isEqualTo(engine.counters().waits - waits);
        assertThat(engine.counters().bufferExhaustions).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    void goes_on_when_its_buffers_ran_out(int count) throws IOException {
        start();
        Owner owner = open(count);
        sendNumbered(owner, 0, 50);
        until(() -> owner.received.size() == 50);
        assertThat(owner.received).isEqualTo(numbered(50));
        assertThat(engine.counters().bufferExhaustions).isPositive();
    }

    @Test
    void keeps_what_came_while_the_owner_holds_its_batch_or_wants_none() throws IOException {
        start();
        Owner owner = open(8);
        owner.holds = true;
        sendNumbered(owner, 0, 3);
        until(() -> owner.received.size() == 3);
        owner.in().interest(false);
        sendNumbered(owner, 3, 6);
        idle(3);
        sendNumbered(owner, 6, 40); // more than there are buffers
        idle(3);
        assertThat(owner.received).isEqualTo(numbered(3));
        owner.holds = false;
        owner.in().done();
        owner.in().interest(true);
        until(() -> owner.received.size() == 40);
        assertThat(owner.received).isEqualTo(numbered(40));
    }

    @Test
    void what_was_received_before_a_pause_is_told_after_it_without_another_datagram() throws IOException {
        start();
        Owner owner = open(8);
        sendNumbered(owner, 0, 3);
        owner.in().interest(false);
        owner.in().interest(true);
        owner.in().interest(false);
        idle(3);
        assertThat(owner.received).isEmpty();
        owner.in().interest(true);
        until(() -> owner.received.size() == 3);
        assertThat(owner.received).isEqualTo(numbered(3));
    }

    @Test
    void tells_an_error_of_the_socket_and_goes_on() throws IOException {
        start();
        InetSocketAddress nobody;
        try (DatagramSocket once = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) once.getLocalSocketAddress();
        }
        Owner owner = open(4, nobody);
        owner.in().interest(true);
        byte[] one = new byte[1];
        try (var memory = Arena.ofConfined()) {
            long address = memory.allocate(1).address();
            int fd = descriptors.getLast();
            assertThat(Sockets.send(fd, address, one.length, 0, state)).isEqualTo(1);
            until(() -> owner.failures.equals(List.of(-Errno.ECONNREFUSED)));
            assertThat(Sockets.send(fd, address, one.length, 0, state)).isEqualTo(1);
            until(() -> owner.failures.size() == 2);
        }
    }

    @Test
    void a_close_gives_its_group_back_whatever_is_in_flight() throws IOException {
        start();
        for (int round = 0; round < 30; round++) {
            Owner armed = open(4);
            Owner full = open(2);
            Owner paused = open(4);
            full.holds = true;
            sendNumbered(full, 0, 5);
            until(() -> full.received.size() >= 2);
            paused.in().interest(false);
            sendNumbered(armed, 0, 3); // received perhaps, and not told
            assertThat(engine.datagramSockets()).isEqualTo(3);
            long open = openDescriptors();
            for (Owner each : List.of(armed, full, paused)) {
                each.in().close();
                each.in().close();
            }
            int told = armed.received.size();
            until(() -> engine.datagramSockets() == 0);
            assertThat(armed.received).hasSize(told);
            assertThat(openDescriptors()).isEqualTo(open - 3);
        }
    }

    @Test
    void one_that_is_closed_before_it_was_submitted_takes_nothing_from_the_next_bearer_of_its_number()
            throws IOException {
        start();
        idle(1);
        Owner owner = open(4);
        owner.in().close();
        int fd = descriptors.removeLast();
        Descriptors.close(fd, state);
        assertThat(socket(null)).isEqualTo(fd);
        Owner next = new Owner((InetSocketAddress) Sockets.localAddress(fd, state));
        send(next, "datagram");
        until(() -> engine.datagramSockets() == 0);
        idle(2);
        try (var memory = Arena.ofConfined()) {
            long address = memory.allocate(MAX_BYTES).address();
            assertThat(Sockets.recv(fd, address, MAX_BYTES, Sockets.MSG_DONTWAIT, state))
                    .isEqualTo("datagram".length());
        }
    }

    @Test
    void an_owner_may_close_it_while_it_is_told() throws IOException {
        start();
        Owner owner = open(4);
        Owner other = open(4);
        owner.input = new Closing(owner.in());
        sendNumbered(owner, 0, 4);
        sendNumbered(other, 0, 2);
        until(() -> other.received.size() == 2 && engine.datagramSockets() == 1);
        assertThat(owner.received).hasSizeLessThanOrEqualTo(4);
    }

    /** Closed by its owner once a batch was taken. */
    private record Closing(DatagramInput input) implements DatagramInput {
        @Override
        public int interest(boolean wanted) {
            return input.interest(wanted);
        }

        @Override
        public int receive() {
            return input.receive();
        }

        @Override
        public void done() {
            input.close();
            input.done();
        }

        @Override
        public ByteBuffer bytes(int index) {
            return input.bytes(index);
        }

        @Override
        public boolean isTruncated(int index) {
            return input.isTruncated(index);
        }

        @Override
        public long address(int index) {
            return input.address(index);
        }

        @Override
        public int addressBytes(int index) {
            return input.addressBytes(index);
        }

        @Override
        public long callCount() {
            return input.callCount();
        }

        @Override
        public void close() {
            input.close();
        }
    }

    @Test
    void the_engine_may_close_before_the_owner_does() throws IOException {
        start();
        Owner owner = open(4);
        sendNumbered(owner, 0, 3);
        until(() -> owner.received.size() == 3);
        engine.close();
        owner.in().done();
        owner.in().interest(false);
        owner.in().close();
    }

    @Test
    void a_switch_does_without() {
        start(UringSwitch.parse("multishot=off"));
        long before = Incident.FALL_BACK.count();
        assertThat(open(4, null).input).isNull();
        assertThat(Incident.FALL_BACK.count()).isEqualTo(before); // that was asked for
    }
}

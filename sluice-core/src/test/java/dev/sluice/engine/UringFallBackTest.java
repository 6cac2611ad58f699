package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.UringOptions;
import dev.sluice.disk.Disk;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Datagrams;
import dev.sluice.observe.Incident;
import dev.sluice.observe.Recorded;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Uring;
import dev.sluice.os.UringCalls;
import dev.sluice.source.DomainEvents;
import dev.sluice.source.Home;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel that doesn't know the newest of the ring: it is used without that, and that is told. */
class UringFallBackTest {
    /**
     * The machine's kernel, but for the first so many set-ups, which it refuses as an older one would, and perhaps for multishot
     * receives of messages, which it is given with a flag that no kernel knows.
     */
    private static final class OlderKernel extends UringCalls {
        private static final long IORING_OFF_SQES = 0x10000000L;
        private static final int SQE_BYTES = 64;
        private static final int SQE_IOPRIO = 2;
        private static final short UNKNOWN = Short.MIN_VALUE;

        private final UringCalls machine;
        private int refusals;
        private boolean spoilsMessages;
        private long entries;
        private long entriesBytes;

        OlderKernel(CallState state, int refusals) {
            super(state);
            this.machine = UringCalls.machine(state);
            this.refusals = refusals;
        }

        @Override
        public int setup(int entries, long params) {
            return refusals-- > 0 ? -Errno.EINVAL : machine.setup(entries, params);
        }

        @Override
        public long map(int fd, long offset, long bytes) {
            long address = machine.map(fd, offset, bytes);
            if (offset == IORING_OFF_SQES) {
                entries = address;
                entriesBytes = bytes;
            }
            return address;
        }

        @Override
        public void unmap(long address, long bytes) {
            machine.unmap(address, bytes);
        }

        @Override
        public int enter(int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes) {
            for (long at = entries; spoilsMessages && at < entries + entriesBytes; at += SQE_BYTES) {
                if (NativeMemory.getByte(at) == Uring.IORING_OP_RECVMSG) {
                    NativeMemory.putShort(at + SQE_IOPRIO, UNKNOWN);
                }
            }
            return machine.enter(fd, submitCount, minComplete, flags, argument, argumentBytes);
        }

        @Override
        public int register(int fd, int operation, long argument, int count) {
            return machine.register(fd, operation, argument, count);
        }

        @Override
        public void close(int fd) {
            machine.close(fd);
        }

        @Override
        public long nanoTime() {
            return machine.nanoTime();
        }
    }

    @Test
    void whatItLacksIsCountedAndRecorded(@TempDir Path folder) throws Exception {
        var availability = UringEngine.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
        long before = Incident.FALL_BACK.count();
        try (Recording recording = new Recording();
                Arena arena = Arena.ofConfined()) {
            recording.enable("dev.sluice.FallBack");
            recording.start();
            UringSetup made = UringSetup.open(UringOptions.standard(), new OlderKernel(new CallState(arena), 2));
            made.queues().close();
            assertThat(Incident.FALL_BACK.count()).isEqualTo(before + 1);
            assertThat(Recorded.named(recording, folder, "dev.sluice.FallBack"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.getString("model")).isEqualTo("io_uring"))
                    .satisfies(event -> assertThat(event.getString("why")).contains("without DEFER_TASKRUN"));
        }
    }

    /** The domain of an engine that a test turns. */
    private record TurnedHome(UringEngine engine, Queue<Runnable> tasks) implements Home {
        @Override
        public Options options() {
            return Options.builder().build();
        }

        @Override
        public boolean isSimulated() {
            return false;
        }

        @Override
        public Watch watch(int fd, Watch.Ready ready) {
            return engine.watch(fd, ready);
        }

        @Override
        public @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
            return engine.datagrams(fd, addressBytes, maxBytes, count, ready);
        }

        @Override
        public Disk openDisk(Runnable over) {
            throw new UnsupportedOperationException("no disk");
        }

        @Override
        public boolean submit(Runnable task) {
            return tasks.add(task);
        }

        @Override
        public Connection.Timer after(long delayNanos, Runnable task) {
            throw new UnsupportedOperationException("no timers");
        }

        @Override
        public void sourceBegun() {}

        @Override
        public void sourceEnded() {}
    }

    @Test
    void datagramsAreReceivedByPollingWhereTheRingCant() throws Exception {
        var availability = UringEngine.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
        long before = Incident.FALL_BACK.count();
        try (Arena arena = Arena.ofConfined();
                DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            OlderKernel kernel = new OlderKernel(new CallState(arena), 0);
            kernel.spoilsMessages = true;
            UringEngine engine = new UringEngine(UringOptions.standard(), 1 << 16, kernel, new KernelCalls());
            DomainEvents events = new DomainEvents(new TurnedHome(engine, new ArrayDeque<>()));
            List<Integer> lengths = new ArrayList<>();
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            for (int i = 1; i <= 2; i++) { // the first one tries, the second one knows
                int count = i;
                Datagrams socket =
                        events.datagrams(DatagramOptions.on(any), (bytes, from, cut) -> lengths.add(bytes.remaining()));
                client.send(new DatagramPacket(new byte[count], count, socket.localAddress()));
                for (int turn = 0; turn < 1000 && lengths.size() < count; turn++) {
                    engine.poll(TimeUnit.MILLISECONDS.toNanos(5));
                }
                assertThat(lengths).hasSize(count);
                assertThat(socket.counts().received()).isEqualTo(1);
                assertThat(socket.counts().calls()).isPositive(); // recvmmsg(2)
            }
            assertThat(lengths).containsExactly(1, 2);
            assertThat(engine.datagramSockets()).isZero();
            assertThat(engine.features()).contains("datagrams by poll and recvmmsg(2), without multishot RECVMSG");
            assertThat(Incident.FALL_BACK.count()).isEqualTo(before + 1);
            events.close();
            engine.close();
        }
    }
}

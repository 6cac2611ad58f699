package dev.sluice.source;

import dev.sluice.engine.DatagramInput;
import dev.sluice.engine.Poller;
import dev.sluice.events.DatagramOptions;
import dev.sluice.os.CallState;
import dev.sluice.os.DatagramCalls;
import java.nio.ByteBuffer;

/** The datagrams of a socket that its owner watches: recvmmsg(2) takes a batch of them by one call. */
final class PolledDatagrams implements DatagramInput {
    private final int fd;
    private final int batch;
    private final CallState state;
    private final DatagramMemory memory;
    private int count;
    private long calls;

    PolledDatagrams(int fd, DatagramOptions options, CallState state) {
        this.fd = fd;
        this.batch = options.batch();
        this.state = state;
        this.memory = new DatagramMemory(options.batch(), options.maxBytes());
    }

    @Override
    public int interest(boolean wanted) {
        return wanted ? Poller.IN : 0;
    }

    @Override
    public int receive() {
        calls++;
        int received = DatagramCalls.receive(fd, memory.entries, batch, state);
        count = Math.max(received, 0);
        return received;
    }

    @Override
    public void done() {
        memory.makeRoom(count);
        count = 0;
    }

    @Override
    public ByteBuffer bytes(int index) {
        return memory.received(index);
    }

    @Override
    public boolean isTruncated(int index) {
        return DatagramCalls.isTruncated(memory.entries, index);
    }

    @Override
    public long address(int index) {
        return memory.address(index);
    }

    @Override
    public int addressBytes(int index) {
        return DatagramCalls.addressBytes(memory.entries, index);
    }

    @Override
    public long callCount() {
        return calls;
    }

    @Override
    public void close() {
        count = 0; // the memory is the collector's, and the socket its owner's
    }
}

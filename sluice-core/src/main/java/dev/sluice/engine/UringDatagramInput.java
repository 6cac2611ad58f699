package dev.sluice.engine;

import dev.sluice.os.BufferRing;
import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.ReceivedMessage;
import dev.sluice.os.SocketMessages;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The datagrams of one socket, received by its ring: a multishot receive brings each into a buffer of the socket's own group, whose
 * buffers are a batch. What a turn brought is told at its end, so that what is sent for it leaves in one call.
 *
 * <p>A buffer is the kernel's, or waits here to be taken, or is one of the batch that the owner has. When the kernel has none left it
 * ends the receive (ENOBUFS), what comes waits in the socket's own queue, and with the batch that comes back it is armed again. So a slow
 * owner is felt by its peers and by nobody else.
 */
final class UringDatagramInput extends ForeignCompletion implements DatagramInput {
    private static final int SHAPE_BYTES = (int) SocketMessages.MSGHDR.byteSize();

    private final UringRing ring;
    private final UringDatagrams owner;
    private final UringHandle handle;
    /** A number of its own for the socket, so that no operation can meet another bearer of the owner's. */
    private final int fd;

    private final Watch.Ready ready;
    private final int headBytes;
    private final int bufferBytes;
    /** The collector's, so that a buffer that a handler keeps against the rules can't become another's. */
    private final ByteBuffer memory;

    /** How much room a sender's address has: a message's header, read with each submission. */
    private final long shape;

    private final BufferRing buffers;
    /** Of what has come and was not taken yet; of the batch that the owner has. */
    private int[] waiting;

    private int[] batch;
    private int waitingCount;
    private int batchCount;
    /** What the receive failed with, until it is told; 0 for nothing. */
    private int failure;

    /** Is told at the end of this turn, as {@link UringDatagrams} sees to. */
    boolean due;

    private boolean wanted;
    /** All buffers were full when the receive ended. */
    private boolean starved;

    private boolean cancelling;
    private boolean succeeded;
    private boolean closed;

    /** @throws SysException where the kernel refuses the group of buffers, or another number for the socket */
    UringDatagramInput(
            UringRing ring,
            UringDatagrams owner,
            UringHandle handle,
            int socket,
            int group,
            int addressBytes,
            int maxBytes,
            int count,
            Watch.Ready ready) {
        this.ring = ring;
        this.owner = owner;
        this.handle = handle;
        this.ready = ready;
        this.headBytes = ReceivedMessage.HEADER_BYTES + addressBytes;
        this.bufferBytes = headBytes + maxBytes;
        this.memory = ByteBuffer.allocateDirect(SHAPE_BYTES + count * bufferBytes);
        this.shape = MemorySegment.ofBuffer(memory).address();
        this.waiting = new int[count];
        this.batch = new int[count];
        SocketMessages.addressRoom(shape, addressBytes);
        int places = count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
        this.buffers = owner.register(group, places, bufferBytes, shape + SHAPE_BYTES);
        for (int id = 0; id < count; id++) {
            buffers.add(id);
        }
        buffers.publish();
        this.fd = owner.duplicate(socket);
        if (fd < 0) {
            buffers.close();
            throw new SysException("fcntl", "F_DUPFD_CLOEXEC, fd=" + socket, -fd);
        }
    }

    int group() {
        return buffers.group();
    }

    // ---- the receive

    @Override
    public int interest(boolean on) {
        if (!closed && wanted != on) {
            wanted = on;
            if (on && (waitingCount > 0 || failure != 0)) {
                owner.wake(this);
            }
            reconcile();
        }
        return 0;
    }

    private void reconcile() {
        boolean armed = handle.isFlying(UringTag.DATAGRAMS);
        if (wanted && !armed && !starved && failure != UNSUPPORTED) {
            long sqe = ring.submitter.sqe(); // before the take-off: a full queue is submitted here
            handle.takeOff(UringTag.DATAGRAMS);
            Sqe.recvmsgMultishot(sqe, fd, buffers.group(), shape, handle.tag | UringTag.DATAGRAMS);
        } else if (!wanted && armed && !cancelling) {
            cancelling = true; // its last completion arms it again, if it is wanted by then
            Sqe.cancel(ring.submitter.sqe(), handle.tag | UringTag.DATAGRAMS, UringTag.CANCEL);
        }
    }

    /** A completion of the receive. */
    void completed(int result, int flags, boolean over) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            waiting[waitingCount++] = Cqe.bufferId(flags);
            succeeded = true;
            owner.due(this);
        }
        if (over) {
            ended(result);
        }
    }

    private void ended(int result) {
        cancelling = false;
        if (closed) {
            release();
            return;
        }
        if (result == -Errno.ENOBUFS) {
            owner.ranOut();
            starved = waitingCount + batchCount > 0;
        } else if (result == -Errno.EINVAL && !succeeded) {
            owner.refused(); // it is the first: this kernel knows no such receive
            failure = UNSUPPORTED;
            owner.due(this);
            return;
        } else if (result < 0 && !UringInput.isPassing(result)) {
            failure = result;
            owner.due(this);
        }
        reconcile();
    }

    /** At the end of a turn in which something came. */
    void tell() {
        due = false;
        if (wanted && !closed && (waitingCount > 0 || failure != 0)) {
            ready.ready(failure == UNSUPPORTED ? UNSUPPORTED : Poller.IN);
        }
    }

    // ---- what has come

    @Override
    public int receive() {
        if (waitingCount == 0) {
            int told = failure == 0 ? -Errno.EAGAIN : failure;
            failure = 0;
            return told;
        }
        int[] spent = batch;
        batch = waiting;
        batchCount = waitingCount;
        waiting = spent;
        waitingCount = 0;
        if (failure != 0) {
            owner.wake(this); // it is told after them
        }
        return batchCount;
    }

    @Override
    public void done() {
        if (closed || batchCount == 0) {
            return;
        }
        for (int i = 0; i < batchCount; i++) {
            buffers.add(batch[i]);
        }
        batchCount = 0;
        buffers.publish();
        starved = false;
        reconcile();
    }

    private long buffer(int index) {
        return shape + SHAPE_BYTES + (long) batch[index] * bufferBytes;
    }

    @Override
    public ByteBuffer bytes(int index) {
        int at = SHAPE_BYTES + batch[index] * bufferBytes + headBytes;
        int length = Math.min(ReceivedMessage.payloadBytes(buffer(index)), bufferBytes - headBytes);
        return memory.clear().position(at).limit(at + length);
    }

    @Override
    public boolean isTruncated(int index) {
        return ReceivedMessage.isTruncated(buffer(index));
    }

    @Override
    public long address(int index) {
        return buffer(index) + ReceivedMessage.HEADER_BYTES;
    }

    @Override
    public int addressBytes(int index) {
        return Math.min(ReceivedMessage.addressBytes(buffer(index)), headBytes - ReceivedMessage.HEADER_BYTES);
    }

    @Override
    public long callCount() {
        return 0; // a turn's one call submits and receives for all
    }

    // ---- the end

    @Override
    public void close() {
        if (closed) {
            return;
        }
        wanted = false;
        closed = true;
        if (!handle.isFlying(UringTag.DATAGRAMS)) {
            release();
        } else if (!cancelling) {
            reconcile();
        }
    }

    /** Nothing of it is in flight. */
    private void release() {
        buffers.close();
        ring.leave(handle);
        owner.left(this, fd);
    }

    /** The ring is about to be closed: from now on the receive finds no buffer. */
    void ringCloses() {
        closed = true;
        buffers.close();
        owner.closeDescriptor(fd);
    }
}

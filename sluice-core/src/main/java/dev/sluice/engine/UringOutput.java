package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import dev.sluice.os.SocketMessages;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sqe;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sends of a ring, from memory that stays put until the completion: the caller's chunk; for several chunks a
 * message header with vectors.
 *
 * <p>A ring has no sendfile, and its splice always goes through a worker thread (REQ_F_FORCE_ASYNC in io_uring/splice.c). So a file's
 * bytes in the page cache go by sendfile(2), which doesn't wait for them: in the turn that asks for it, and where there was no room, once the ring
 * tells of some. Others, and all those to a direct descriptor, which that call doesn't know, are read by the ring and sent from there.
 */
final class UringOutput implements AutoCloseable {
    /**
     * As much as fits. With MSG_WAITALL the kernel would go on after a short send by itself: but then a slow reader looks like a
     * stalled one, and an error behind the first part is forgotten (io_send() tells the part), so that a reset looks like an
     * end to the receive.
     */
    private static final int FLAGS = Sockets.MSG_NOSIGNAL;

    private static final int VECTORS = 16;
    private static final int PART_BYTES = 64 * 1024;
    /** By sendfile(2) in one turn: what is sent before others get theirs, some 50 µs. */
    private static final int CACHED_BYTES = 512 * 1024;

    private static final long HEADER_BYTES = SocketMessages.MSGHDR.byteSize();

    private final UringSubmitter submitter;
    private final FdCalls calls;
    private final EngineCounters counters;
    private final int zeroCopyBytes;
    private final NativeBlocks messages =
            new NativeBlocks((int) (HEADER_BYTES + VECTORS * SocketMessages.IOVEC.byteSize()), 4096);
    private final NativeBlocks parts = new NativeBlocks(PART_BYTES, 64);
    /** As many as sends were in flight at once. */
    private @Nullable UringSend free;
    /** The handle whose send ended last, where all of it was taken: so there may be room for more. */
    private @Nullable UringHandle roomy;
    /** Have a file to send, and go on without being told of room. */
    private final ArrayDeque<UringHandle> hopeful = new ArrayDeque<>();

    UringOutput(UringSubmitter submitter, int zeroCopyBytes, FdCalls calls, EngineCounters counters) {
        this.submitter = submitter;
        this.zeroCopyBytes = zeroCopyBytes > 0 ? zeroCopyBytes : Integer.MAX_VALUE;
        this.calls = calls;
        this.counters = counters;
    }

    void send(UringHandle h, Chunk first) {
        UringSend send = lend(h);
        send.chain = first;
        submit(h, send);
    }

    void sendFile(UringHandle h, OpenFile file, long position, long count) {
        UringSend send = lend(h);
        FilePart part = new FilePart(file, position, Math.min(count, CACHED_BYTES));
        if (h.direct) {
            submitRead(h, send, part);
            return;
        }
        send.file = part;
        if (h == roomy) {
            h.takeOff(UringTag.ROOM); // as if the ring had been asked: nextHopeful() is its completion
            hopeful.add(h);
        } else {
            awaitRoom(h);
        }
    }

    /** Handles that are to go on in this turn without being told of room. */
    int hopefulCount() {
        return hopeful.size();
    }

    /** The next of them. */
    UringHandle nextHopeful() {
        UringHandle h = hopeful.remove();
        h.landed(UringTag.ROOM);
        return h;
    }

    private void awaitRoom(UringHandle h) {
        long sqe = submitter.sqe(h);
        h.takeOff(UringTag.ROOM);
        Sqe.pollAdd(sqe, h.fd, Poll.POLLOUT, h.tag | UringTag.ROOM);
    }

    /**
     * Goes on with a send that waited.
     *
     * @param told whether there is room for sure; without it nothing is read, since that would wait in memory for a slow reader
     * @return bytes that the kernel took or a negative errno, which end the send; or 0, and it goes on
     */
    long goOn(UringHandle h, boolean told) {
        UringSend send = Objects.requireNonNull(h.sending);
        FilePart part = send.file;
        if (part == null) {
            submit(h, send);
        } else if (part.file().isCached(part.position(), part.count())) {
            return sendCached(h, part);
        } else if (told) {
            send.file = null;
            submitRead(h, send, part);
        } else {
            awaitRoom(h);
        }
        return 0;
    }

    private long sendCached(UringHandle h, FilePart part) {
        long n;
        do {
            counters.systemCalls++;
            n = calls.sendFile(h.fd, part.file(), part.position(), part.count());
        } while (n == -Errno.EINTR);
        if (n == -Errno.EAGAIN) {
            awaitRoom(h);
            return 0;
        }
        over(h, n, n == part.count());
        return n;
    }

    private void submitRead(UringHandle h, UringSend send, FilePart part) {
        int bytes = (int) Math.min(part.count(), PART_BYTES);
        send.part = parts.acquire();
        long sqe = submitter.sqe();
        h.takeOff(UringTag.READ);
        Sqe.read(sqe, part.file().descriptor(), send.part, bytes, part.position(), h.tag | UringTag.READ);
    }

    private UringSend lend(UringHandle h) {
        UringSend send = free;
        if (send == null) {
            send = new UringSend();
        } else {
            free = send.next;
            send.next = null;
        }
        h.sending = send;
        return send;
    }

    /** A part of a file was read: sends it, and returns 0; or returns the errno, negative. */
    int read(UringHandle h, int result) {
        if (result > 0) {
            UringSend send = Objects.requireNonNull(h.sending);
            send.partBytes = result;
            submit(h, send);
            return 0;
        }
        free(h);
        return result == 0 ? -Errno.ENODATA : result; // the file became shorter than what was promised
    }

    /** A send ended: whether it is over. One that is to be tried again is, once there is room. */
    boolean sent(UringHandle h, int result) {
        if (isPassing(result) && !h.closing) {
            freeMessage(Objects.requireNonNull(h.sending));
            awaitRoom(h);
            return false;
        }
        // None where a file's bytes were read: the next of them are, once there is room for sure.
        Chunk first = Objects.requireNonNull(h.sending).chain;
        over(h, result, first != null && result >= first.length());
        return true;
    }

    /**
     * Whether a send that ended so is to be tried again: interrupted, or refused. A ring waits for room by itself, but leaves that to a
     * worker thread at times, where a SENDMSG to a socket that doesn't block has EAGAIN (____sys_sendmsg() of net/socket.c).
     */
    static boolean isPassing(int result) {
        return result == -Errno.EINTR || result == -Errno.EAGAIN;
    }

    private void over(UringHandle h, long result, boolean whole) {
        free(h);
        roomy = whole ? h : null;
        if (result > 0) {
            counters.sends++;
            counters.sentBytes += result;
        }
    }

    private void submit(UringHandle h, UringSend send) {
        long sqe = submitter.sqe(h);
        h.takeOff(UringTag.SEND);
        if (send.part != 0) {
            send(sqe, h, send.part, send.partBytes, FLAGS);
            return;
        }
        Chunk first = Objects.requireNonNull(send.chain);
        if (first.next == null) {
            send(sqe, h, first.address + first.start, first.length(), first.more ? FLAGS | Sockets.MSG_MORE : FLAGS);
            return;
        }
        send.message = messages.acquire();
        long vectors = send.message + HEADER_BYTES;
        int count = 0;
        for (Chunk c = first; c != null && count < VECTORS; c = c.next) {
            SocketMessages.iovec(vectors, count, c.address + c.start, c.length());
            count++;
        }
        SocketMessages.vectors(send.message, vectors, count);
        Sqe.sendmsg(sqe, h.fd, send.message, FLAGS, h.tag | UringTag.SEND);
    }

    private void send(long sqe, UringHandle h, long address, int bytes, int flags) {
        if (bytes >= zeroCopyBytes) {
            Sqe.sendZeroCopy(sqe, h.fd, address, bytes, flags, h.tag | UringTag.SEND);
        } else {
            Sqe.send(sqe, h.fd, address, bytes, flags, h.tag | UringTag.SEND);
        }
    }

    /** Takes back what a send used, if there is one; nothing of it may be in flight. */
    void free(UringHandle h) {
        UringSend send = h.sending;
        if (send == null) {
            return;
        }
        freeMessage(send);
        if (send.part != 0) {
            parts.release(send.part);
            send.part = 0;
        }
        send.chain = null;
        send.file = null;
        send.memoryInUse = false;
        h.sending = null;
        send.next = free;
        free = send;
    }

    private void freeMessage(UringSend send) {
        if (send.message != 0) {
            messages.release(send.message);
            send.message = 0;
        }
    }

    /** Blocks that operations use now. */
    int lentCount() {
        return messages.lentCount() + parts.lentCount();
    }

    @Override
    public void close() {
        messages.close();
        parts.close();
    }
}

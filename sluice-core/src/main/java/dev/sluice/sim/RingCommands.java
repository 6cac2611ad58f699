package dev.sluice.sim;

import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockopt;
import dev.sluice.os.Sqe;
import dev.sluice.os.Uring;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the entries of a ring ask for: starts what may wait, and does the rest at once. */
final class RingCommands {
    private static final int KNOWN_FLAGS = Sqe.IOSQE_FIXED_FILE | Sqe.IOSQE_BUFFER_SELECT | Sqe.IOSQE_CQE_SKIP_SUCCESS;

    private final SimRing ring;

    RingCommands(SimRing ring) {
        this.ring = ring;
    }

    void start(RingEntry entry) {
        if ((entry.flags() & ~KNOWN_FLAGS) != 0) {
            throw unknown("flags 0x" + Integer.toHexString(entry.flags()));
        }
        switch (entry.opcode()) {
            case Uring.IORING_OP_ACCEPT -> onListener(entry, file -> new RingAccept(ring, entry, file));
            case Uring.IORING_OP_RECV -> receive(entry);
            case Uring.IORING_OP_SEND, Uring.IORING_OP_SENDMSG, Uring.IORING_OP_SEND_ZC ->
                onSocket(entry, file -> new RingSend(ring, entry, file));
            case Uring.IORING_OP_CONNECT -> onSocket(entry, file -> new RingConnect(ring, entry, file));
            case Uring.IORING_OP_SHUTDOWN -> onSocket(entry, file -> new RingShutdown(ring, entry, file));
            case Uring.IORING_OP_POLL_ADD -> on(entry, ring.file(entry), file -> new RingPoll(ring, entry, file));
            case Uring.IORING_OP_NOP -> ring.complete(entry, 0, 0);
            case Uring.IORING_OP_SOCKET -> ring.complete(entry, socket(entry), 0);
            case Uring.IORING_OP_CLOSE -> ring.complete(entry, close(entry), 0);
            case Uring.IORING_OP_ASYNC_CANCEL -> cancel(entry);
            case Uring.IORING_OP_URING_CMD -> ring.complete(entry, socketCommand(entry), 0);
            case Uring.IORING_OP_FIXED_FD_INSTALL -> ring.complete(entry, install(entry), 0);
            case Uring.IORING_OP_FILES_UPDATE -> ring.complete(entry, updateFiles(entry), 0);
            case Uring.IORING_OP_READ ->
                on(
                        entry,
                        ring.file(entry) instanceof SimFile file ? file : null,
                        file -> new RingRead(ring, entry, file));
            default -> throw unknown("the operation " + entry.opcode());
        }
    }

    private static UnsupportedOperationException unknown(String what) {
        return new UnsupportedOperationException("a simulated ring doesn't know " + what);
    }

    private <F extends Pollable> void on(RingEntry entry, @Nullable F file, Function<F, RingRequest> request) {
        if (file == null) {
            ring.complete(entry, -Errno.EBADF, 0);
        } else {
            ring.add(request.apply(file));
        }
    }

    private void onSocket(RingEntry entry, Function<SimSocket, RingRequest> request) {
        on(entry, ring.file(entry) instanceof SimSocket socket ? socket : null, request);
    }

    private void onListener(RingEntry entry, Function<SimListener, RingRequest> request) {
        on(entry, ring.file(entry) instanceof SimListener listener ? listener : null, request);
    }

    private void receive(RingEntry entry) {
        if (!entry.selectsBuffer()) {
            throw unknown("a receive without provided buffers");
        }
        if (entry.fileIndex() != 0 && !ring.knowsLimit()) {
            ring.complete(entry, -Errno.EINVAL, 0);
        } else {
            onSocket(entry, file -> new RingReceive(ring, entry, file));
        }
    }

    private int socket(RingEntry entry) {
        SimSocket socket = new SimSocket(ring.host);
        return entry.fileIndex() == Uring.IORING_FILE_INDEX_ALLOC ? ring.table().put(socket) : ring.kernel.open(socket);
    }

    private int close(RingEntry entry) {
        return entry.fileIndex() > 0 ? ring.table().remove(entry.fileIndex() - 1) : ring.kernel.close(entry.fd());
    }

    private void cancel(RingEntry entry) {
        if (entry.operationFlags() != 0) {
            throw unknown("a cancel of more than one operation");
        }
        RingRequest target = ring.find(entry.address());
        ring.complete(entry, target == null ? -Errno.ENOENT : target.cancel(), 0);
    }

    private int install(RingEntry entry) {
        Pollable file = ring.file(entry);
        return file == null ? -Errno.EBADF : ring.kernel.open(file);
    }

    private int updateFiles(RingEntry entry) {
        if (entry.length() != 1 || (int) entry.offset() != Uring.IORING_FILE_INDEX_ALLOC) {
            throw unknown("an update of more than one descriptor, or of a certain place");
        }
        Pollable file = ring.kernel.file(NativeMemory.getInt(entry.address()));
        int place = file == null ? -Errno.EBADF : ring.table().put(file);
        if (place < 0) {
            return place;
        }
        NativeMemory.putInt(entry.address(), place);
        return 1;
    }

    private int socketCommand(RingEntry entry) {
        int level = (int) entry.address();
        int option = (int) (entry.address() >>> 32);
        if (!(ring.file(entry) instanceof SimSocket socket)) {
            return -Errno.EBADF;
        }
        int command = (int) entry.offset();
        if (command == Uring.SOCKET_URING_OP_GETSOCKOPT
                && level == Sockopt.SOL_SOCKET
                && option == Sockopt.SO_PEERNAME) {
            return peerName(entry, socket.peerName());
        }
        if (command == Uring.SOCKET_URING_OP_SETSOCKOPT && level == Sockopt.SOL_SOCKET && option == Sockopt.SO_LINGER) {
            if (NativeMemory.getInt(entry.address3()) != 0) {
                socket.resetOnClose();
            }
            return 0;
        }
        if (command == Uring.SOCKET_URING_OP_SETSOCKOPT
                && level == Sockopt.IPPROTO_TCP
                && option == Sockopt.TCP_NODELAY) {
            return 0;
        }
        throw unknown("the socket command " + command + " with option " + level + ", " + option);
    }

    /** sk_getsockopt(): not more than the address has. */
    private static int peerName(RingEntry entry, @Nullable InetSocketAddress remote) {
        if (remote == null) {
            return -Errno.ENOTCONN;
        }
        long name = NativeMemory.allocate(SocketAddresses.MAX_BYTES);
        try {
            int length = SocketAddresses.encode(remote, name);
            if (length < entry.fileIndex()) {
                return -Errno.EINVAL;
            }
            NativeMemory.copy(name, entry.address3(), entry.fileIndex());
            return entry.fileIndex();
        } finally {
            NativeMemory.free(name);
        }
    }
}

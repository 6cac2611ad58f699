package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.EventFd;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Platform;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;

/**
 * A descriptor that becomes readable when another thread asks for it: eventfd(2) on Linux, a pipe elsewhere. {@link #wake}
 * is for any thread, the rest for the loop's.
 */
public final class WakeFd implements WakeSignal {
    private static final boolean EVENTFD = Platform.isLinux();

    private final int readEnd;
    private final int writeEnd;
    private final CallState state = new CallState();
    private final Arena arena = Arena.ofShared();
    /** Guards the waker's own call state, and the descriptor against being closed during a write. */
    private final Object wakerLock = new Object();

    private final CallState wakerState = new CallState();
    private final long wakerByte;
    private boolean closed;

    public WakeFd() {
        wakerByte = arena.allocate(8).address();
        if (EVENTFD) {
            readEnd = SysException.check(
                    EventFd.eventfd(0, EventFd.EFD_NONBLOCK | EventFd.EFD_CLOEXEC, state), "eventfd", "");
            writeEnd = readEnd;
        } else {
            long pair = SysException.check(
                    Descriptors.pipe2(Descriptors.O_NONBLOCK | Descriptors.O_CLOEXEC, state), "pipe2", "");
            readEnd = Descriptors.first(pair);
            writeEnd = Descriptors.second(pair);
        }
    }

    @Override
    public int descriptor() {
        return readEnd;
    }

    /**
     * Makes the descriptor readable. EAGAIN means that it is already. The lock is held for one non-blocking call and by
     * wakers only; the loop never takes it while a virtual thread could hold it, since nothing parks inside.
     */
    @Override
    public void wake() {
        synchronized (wakerLock) {
            if (closed) {
                return;
            }
            if (EVENTFD) {
                EventFd.add(writeEnd, 1, wakerState);
            } else {
                NativeMemory.putByte(wakerByte, (byte) 1);
                Descriptors.write(writeEnd, wakerByte, 1, wakerState);
            }
        }
    }

    /** Makes the descriptor unreadable again. */
    public void drain() {
        if (EVENTFD) {
            EventFd.take(readEnd, state);
        } else {
            long scratch = wakerByte + 1;
            long read;
            do {
                read = Descriptors.read(readEnd, scratch, 1, state);
            } while (read > 0);
        }
    }

    @Override
    public void close() {
        synchronized (wakerLock) {
            if (closed) {
                return;
            }
            closed = true;
            Descriptors.close(readEnd, state);
            if (writeEnd != readEnd) {
                Descriptors.close(writeEnd, state);
            }
        }
        arena.close();
    }
}

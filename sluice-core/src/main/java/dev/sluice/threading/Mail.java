package dev.sluice.threading;

import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Completion;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Carries completions from the loop to the virtual thread of a connection, which may be blocked in a callback meanwhile. What
 * waits is a set of bits and the bytes that came, so nothing is allocated; the loop copies the bytes since it needs its buffer
 * back. Above the input limit receiving stops until the thread comes for them.
 */
final class Mail implements Completion, Runnable {
    private static final int CONNECTED = 1;
    private static final int SENT = 2;
    private static final int RECEIVED = 4;
    private static final int RECEIVE_ENDED = 8;
    private static final int CLOSED = 16;

    private static final VarHandle WAITING;

    static {
        try {
            WAITING = MethodHandles.lookup().findVarHandle(Mail.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Mailbox mailbox;
    private final SocketConnection connection;
    private final Engine loopEngine;
    private final Handle handle;
    private final int limitBytes;

    @SuppressWarnings("unused") // through WAITING
    private volatile int waiting;

    private volatile int connectedResult;
    private volatile int endedResult;
    private volatile long sentResult;
    /**
     * Held for a copy, within which nothing parks, so that a loop may take it where its own virtual threads do too. Guards
     * the three below it.
     */
    private final Object lock = new Object();

    private KeptBytes filling;
    private KeptBytes draining;
    private boolean throttled;

    /**
     * For a connection whose handle is the loop's.
     *
     * @param loopEngine the engine itself, for use on the loop
     * @param inboxPool safe for both threads
     */
    Mail(Mailbox mailbox, SocketConnection connection, Engine loopEngine, Handle handle, ChunkPool inboxPool) {
        this.mailbox = mailbox;
        this.connection = connection;
        this.loopEngine = loopEngine;
        this.handle = handle;
        this.limitBytes = mailbox.options().inputLimitBytes();
        this.filling = new KeptBytes(inboxPool);
        this.draining = new KeptBytes(inboxPool);
    }

    // ---- on the loop

    @Override
    public void connected(int result) {
        connectedResult = result;
        post(CONNECTED);
    }

    @Override
    public void received(ByteBuffer bytes) {
        synchronized (lock) {
            filling.add(bytes);
            if (filling.count() >= limitBytes && !throttled) {
                throttled = true;
                loopEngine.stopReceiving(handle);
            }
        }
        post(RECEIVED);
    }

    @Override
    public void receiveEnded(int result) {
        endedResult = result;
        post(RECEIVE_ENDED);
    }

    @Override
    public void sent(long result) {
        if (result >= 0 && mailbox.isParked() && connection.sentConcernsNoSession()) {
            connection.sent(result); // what would it wake its thread for
            return;
        }
        sentResult = result;
        post(SENT);
    }

    @Override
    public void closed() {
        post(CLOSED);
    }

    private void post(int bit) {
        if ((int) WAITING.getAndBitwiseOr(this, bit) == 0) {
            mailbox.submit(this);
        }
    }

    // ---- on the virtual thread

    @Override
    public void run() {
        int bits = (int) WAITING.getAndSet(this, 0);
        if ((bits & CONNECTED) != 0) {
            connection.connected(connectedResult);
        }
        if ((bits & SENT) != 0) {
            connection.sent(sentResult);
        }
        if ((bits & RECEIVED) != 0) {
            deliver();
        }
        if ((bits & RECEIVE_ENDED) != 0) {
            connection.receiveEnded(endedResult);
        }
        if ((bits & CLOSED) != 0) {
            connection.closed();
        }
    }

    private void deliver() {
        KeptBytes full;
        boolean wasThrottled;
        synchronized (lock) {
            full = filling;
            filling = draining;
            draining = full;
            wasThrottled = throttled;
            throttled = false;
        }
        if (wasThrottled && connection.isReceiving()) {
            mailbox.engine().receive(handle);
        }
        ByteBuffer bytes = full.buffer();
        if (bytes != null) {
            connection.received(bytes);
            full.clear();
        }
    }
}

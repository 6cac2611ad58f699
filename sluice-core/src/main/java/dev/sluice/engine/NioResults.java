package dev.sluice.engine;

import java.util.ArrayDeque;

/** Results of a {@link NioEngine}'s calls that ended at once: they wait to be told, since none is told from inside the call that started it. */
final class NioResults {
    /** Results told in a row before others get their turn: a fast reader must not hold the loop by send after send. */
    private static final int RESULTS_IN_A_ROW = 64;

    private final ArrayDeque<NioHandle.Peer> queue = new ArrayDeque<>();

    boolean isEmpty() {
        return queue.isEmpty();
    }

    void connected(NioHandle.Peer h, int result) {
        h.connectedWaits = true;
        h.connectedResult = result;
        queue.add(h);
    }

    void sent(NioHandle.Peer h, long result) {
        h.sentWaits = true;
        h.sentResult = result;
        queue.add(h);
    }

    /** Tells what waits; whether there was anything. */
    boolean tell() {
        if (queue.isEmpty()) {
            return false;
        }
        for (int i = 0; i < RESULTS_IN_A_ROW; i++) {
            NioHandle.Peer h = queue.poll();
            if (h == null) {
                break;
            }
            if (h.connectedWaits) {
                h.connectedWaits = false;
                h.completion().connected(h.connectedResult);
            } else if (h.sentWaits) {
                h.sentWaits = false;
                h.completion().sent(h.sentResult);
            }
        }
        return true;
    }
}

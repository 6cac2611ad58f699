package dev.sluice.engine;

/**
 * Results of calls that ended at once: they wait to be told, since none is told from inside the call that started it.
 */
final class FdResults {
    /**
     * Results told in a row before others get their turn: a fast reader must not hold the loop with send after send.
     */
    private static final int RESULTS_IN_A_ROW = 64;

    private final HandleQueue queue = new HandleQueue();

    boolean isEmpty() {
        return queue.isEmpty();
    }

    void connected(FdHandle h, int result) {
        h.connectedWaits = true;
        h.result = result;
        queue.add(h);
    }

    void sent(FdHandle h, long result) {
        h.sentWaits = true;
        h.result = result;
        queue.add(h);
    }

    /** The last result of a handle: what else waits of it is dropped. */
    void closed(FdHandle h) {
        h.sentWaits = false;
        h.connectedWaits = false;
        h.closedWaits = true;
        queue.add(h);
    }

    /** Tells what waits; whether there was anything. */
    boolean tell() {
        if (queue.isEmpty()) {
            return false;
        }
        for (int i = 0; i < RESULTS_IN_A_ROW; i++) {
            FdHandle h = queue.poll();
            if (h == null) {
                break;
            }
            tell(h);
        }
        return true;
    }

    private static void tell(FdHandle h) {
        if (h.connectedWaits) {
            h.connectedWaits = false;
            h.completion().connected((int) h.result);
        } else if (h.sentWaits) {
            h.sentWaits = false;
            h.completion().sent(h.result);
        } else if (h.closedWaits) {
            h.closedWaits = false;
            h.completion().closed();
        }
    }
}

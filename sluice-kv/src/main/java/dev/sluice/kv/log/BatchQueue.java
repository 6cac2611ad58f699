package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** Records that wait to be written, in batches. There is always a batch that takes more; those that were written are used again. */
final class BatchQueue {
    private static final int SPARES = 2;

    private final Deque<Batch> batches = new ArrayDeque<>();
    private final Deque<Batch> spares = new ArrayDeque<>();

    BatchQueue() {
        batches.add(new Batch());
        spares.add(new Batch());
    }

    /** Copies a record in behind the others. */
    void add(ByteBuffer payload, long number) {
        Batch batch = batches.getLast();
        if (!batch.hasRoom(payload.remaining())) {
            batch = spare();
            batches.add(batch);
        }
        batch.add(payload, number);
    }

    private Batch spare() {
        return spares.isEmpty() ? new Batch() : spares.removeLast();
    }

    /** The next to be written; it may be empty yet. */
    Batch first() {
        return batches.getFirst();
    }

    /** Takes that one out; it is the caller's until {@link #giveBack}. */
    Batch take() {
        Batch batch = batches.removeFirst();
        if (batches.isEmpty()) {
            batches.add(spare());
        }
        return batch;
    }

    void giveBack(Batch batch) {
        batch.clear();
        if (spares.size() < SPARES) {
            spares.add(batch);
        }
    }
}

package dev.sluice.kv;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A journal whose durability the test decides; from any thread. */
final class MemoryJournal implements Journal {
    private final Store store;
    private final List<byte[]> records = new ArrayList<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private long durable;
    private boolean immediate;
    private @Nullable String refusal;
    private @Nullable String failure;

    MemoryJournal(Store store, boolean immediate) {
        this.store = store;
        this.immediate = immediate;
        store.run(() -> store.journal(this));
    }

    @Override
    public long append(ByteBuffer effects) {
        byte[] record = new byte[effects.remaining()];
        effects.get(record);
        records.add(record);
        if (immediate) {
            durable = records.size();
        }
        return records.size();
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public void onProgress(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public @Nullable String refusal() {
        return refusal;
    }

    @Override
    public @Nullable String failure() {
        return failure;
    }

    /** All so far is durable. */
    void sync() {
        store.run(() -> {
            durable = records.size();
            listeners.forEach(Runnable::run);
        });
    }

    void fail(String why) {
        store.run(() -> {
            refusal = why;
            failure = why;
            listeners.forEach(Runnable::run);
        });
    }

    /** Takes nothing more; a part of what it has is durable. */
    void close(long upTo) {
        store.run(() -> {
            refusal = "the log is closed";
            durable = upTo;
            listeners.forEach(Runnable::run);
        });
    }

    int count() {
        int[] count = new int[1];
        store.run(() -> count[0] = records.size());
        return count[0];
    }

    /** What was appended, from a number on. */
    List<byte[]> since(int first) {
        List<byte[]> all = new ArrayList<>();
        store.run(() -> all.addAll(records.subList(first, records.size())));
        return all;
    }
}

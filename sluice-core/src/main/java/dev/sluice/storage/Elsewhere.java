package dev.sluice.storage;

/** A thread for one operation that a ring doesn't have, such as to list a directory. They are rare. */
final class Elsewhere {
    private Elsewhere() {}

    static void carry(Operation op) {
        Thread.ofPlatform().daemon().name("sluice-disk-list").start(() -> {
            op.result = new OperationCalls().carryOut(op);
            op.disk.completed(op);
        });
    }
}

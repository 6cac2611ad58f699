package dev.sluice.storage;

/** Carries operations out where they are started, which waits for the disk. */
final class CallingCarrier implements Carrier {
    private final OperationCalls calls = new OperationCalls();

    @Override
    public void carry(Operation op) {
        calls.carryOut(op);
    }

    @Override
    public void release() {}
}

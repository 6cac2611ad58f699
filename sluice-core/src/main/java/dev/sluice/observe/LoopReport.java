package dev.sluice.observe;

/**
 * A loop at one moment, its counts since it started; each a little older or newer than the others.
 *
 * @param name its thread's
 * @param threadId its thread's, to ask the JVM for its processor time; 0 where it has none
 * @param open connections
 * @param waits for events
 * @param readyEvents that the waits brought; 0 of engines that don't wait for readiness
 * @param systemCalls made by its engine, where that counts them
 * @param receivedBytes by its connections
 * @param sentBytes by its connections
 * @param timers that are started, as of its last answer
 * @param waitingTasks tasks that wait for it
 * @param waitingTurns connections that wait for a turn
 * @param lentBuffers chunks that are out of its pools
 * @param lagNanos how long a task waited on it for its turn just now; where it did not answer, for how long it has not
 * @param answered whether it did
 * @param blocked times that the watchdog found it held
 * @param blockedNanos for how long in sum
 */
public record LoopReport(
        String name,
        long threadId,
        long open,
        long waits,
        long readyEvents,
        long systemCalls,
        long receivedBytes,
        long sentBytes,
        long timers,
        long waitingTasks,
        long waitingTurns,
        long lentBuffers,
        long lagNanos,
        boolean answered,
        long blocked,
        long blockedNanos) {}

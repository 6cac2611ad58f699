package dev.sluice;

import dev.sluice.disk.DiskEngine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a server or client; immutable. {@link #standard} has good values for all of them.
 *
 * @param loops number of loops, each with its own share of the connections
 * @param pin each loop runs on a core of its own
 * @param accept how newcomers are spread over several loops
 * @param balance busy connections move from a full loop to a less busy one, on models whose connections can move; nothing of it
 *     runs with one loop
 * @param backlogCount accept queue of a listening socket
 * @param shed at EMFILE close newcomers through a reserve descriptor rather than leave them waiting
 * @param highWaterBytes queued output above which {@code write} returns false and no input is offered
 * @param lowWaterBytes queued output below which {@code drained} follows
 * @param outputLimitBytes queued output at which the connection is closed
 * @param inputLimitBytes kept input at which receiving stops
 * @param turnBytes bytes that one connection may receive in one turn of a loop
 * @param taskLimitCount tasks that wait for one connection
 * @param connectTimeout ends a dial that is not established after so long, with {@link Cause.Kind#CONNECT}; zero: the kernel
 *     alone gives up, after two minutes or so
 * @param idleTimeout closes a connection that neither received nor sent for so long; zero: never
 * @param writeTimeout closes a connection whose queued output made no progress for so long; zero: never
 * @param lingerTimeout how long {@code close} discards what the peer still sends
 * @param watchdog a callback, handler or task that holds its loop for longer is named in the log; zero: never
 * @param noDelay TCP_NODELAY
 * @param keepAlive SO_KEEPALIVE
 * @param pollSleep the pause of {@code sleep-poll} between rounds
 * @param processes processes that share the port, each a whole server on its model; 1 is this process alone. Not for {@code
 *     prefork}
 * @param processesMin workers that {@code prefork} keeps at least
 * @param processesMax workers that {@code prefork} keeps at most
 * @param uring the switches of {@code io_uring}
 * @param disk the engine of {@link dev.sluice.events.Events#disk}; null for what suits the model best: the loop's own ring on
 *     {@code io_uring}, elsewhere {@link DiskEngine#best}, which all loops of the process share
 */
public record Options(
        int loops,
        boolean pin,
        AcceptMode accept,
        boolean balance,
        int backlogCount,
        boolean shed,
        int highWaterBytes,
        int lowWaterBytes,
        long outputLimitBytes,
        int inputLimitBytes,
        int turnBytes,
        int taskLimitCount,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        Duration lingerTimeout,
        Duration watchdog,
        boolean noDelay,
        boolean keepAlive,
        Duration pollSleep,
        int processes,
        int processesMin,
        int processesMax,
        UringOptions uring,
        @Nullable DiskEngine disk) {

    public static Options standard() {
        return new Builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.loops = loops;
        b.pin = pin;
        b.accept = accept;
        b.balance = balance;
        b.backlogCount = backlogCount;
        b.shed = shed;
        b.highWaterBytes = highWaterBytes;
        b.lowWaterBytes = lowWaterBytes;
        b.outputLimitBytes = outputLimitBytes;
        b.inputLimitBytes = inputLimitBytes;
        b.turnBytes = turnBytes;
        b.taskLimitCount = taskLimitCount;
        b.connectTimeout = connectTimeout;
        b.idleTimeout = idleTimeout;
        b.writeTimeout = writeTimeout;
        b.lingerTimeout = lingerTimeout;
        b.watchdog = watchdog;
        b.noDelay = noDelay;
        b.keepAlive = keepAlive;
        b.pollSleep = pollSleep;
        b.processes = processes;
        b.processesMin = processesMin;
        b.processesMax = processesMax;
        b.uring = uring;
        b.disk = disk;
        return b;
    }

    public Options {
        atLeast("loops", loops, 1);
        atLeast("backlog", backlogCount, 1);
        atLeast("low-water mark", lowWaterBytes, 0);
        atLeast("high-water mark", highWaterBytes, Math.max(1, lowWaterBytes));
        atLeast("output limit", outputLimitBytes, highWaterBytes);
        atLeast("input limit", inputLimitBytes, 1);
        atLeast("turn's bytes", turnBytes, 1);
        atLeast("task limit", taskLimitCount, 1);
        atLeast("processes", processes, 1);
        atLeast("least processes", processesMin, 1);
        atLeast("most processes", processesMax, processesMin);
        atLeast("connect timeout", connectTimeout.toNanos(), 0);
        atLeast("idle timeout", idleTimeout.toNanos(), 0);
        atLeast("write timeout", writeTimeout.toNanos(), 0);
        atLeast("linger timeout", lingerTimeout.toNanos(), 0);
        atLeast("watchdog", watchdog.toNanos(), 0);
        atLeast("poll sleep", pollSleep.toNanos(), 1);
    }

    private static void atLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " is " + value + ", must be at least " + least);
        }
    }

    /** Collects settings. Not safe for use from several threads. */
    public static final class Builder {
        private int loops = 1;
        private boolean pin;
        private AcceptMode accept = AcceptMode.REUSEPORT;
        private boolean balance = true;
        private int backlogCount = 4096;
        private boolean shed;
        private int highWaterBytes = 64 * 1024;
        private int lowWaterBytes = 16 * 1024;
        private long outputLimitBytes = 16L * 1024 * 1024;
        private int inputLimitBytes = 64 * 1024;
        private int turnBytes = 256 * 1024;
        private int taskLimitCount = 1024;
        private Duration connectTimeout = Duration.ZERO;
        private Duration idleTimeout = Duration.ZERO;
        private Duration writeTimeout = Duration.ofSeconds(60);
        private Duration lingerTimeout = Duration.ofSeconds(2);
        private Duration watchdog = Duration.ofMillis(100);
        private boolean noDelay = true;
        private boolean keepAlive = true;
        private Duration pollSleep = Duration.ofMillis(1);
        private int processes = 1;
        private int processesMin = 4;
        private int processesMax = 16;
        private UringOptions uring = UringOptions.standard();
        private @Nullable DiskEngine disk;

        private Builder() {}

        public Builder loops(int count) {
            this.loops = count;
            return this;
        }

        /** See {@link Options#pin}. */
        public Builder pin(boolean on) {
            this.pin = on;
            return this;
        }

        public Builder accept(AcceptMode mode) {
            this.accept = mode;
            return this;
        }

        /** See {@link Options#balance}. */
        public Builder balance(boolean on) {
            this.balance = on;
            return this;
        }

        public Builder backlog(int count) {
            this.backlogCount = count;
            return this;
        }

        public Builder shed(boolean shed) {
            this.shed = shed;
            return this;
        }

        public Builder outputMarks(int lowWaterBytes, int highWaterBytes) {
            this.lowWaterBytes = lowWaterBytes;
            this.highWaterBytes = highWaterBytes;
            return this;
        }

        public Builder outputLimit(long bytes) {
            this.outputLimitBytes = bytes;
            return this;
        }

        public Builder inputLimit(int bytes) {
            this.inputLimitBytes = bytes;
            return this;
        }

        public Builder turnBytes(int bytes) {
            this.turnBytes = bytes;
            return this;
        }

        public Builder taskLimit(int count) {
            this.taskLimitCount = count;
            return this;
        }

        /** See {@link Options#connectTimeout}. */
        public Builder connectTimeout(Duration timeout) {
            this.connectTimeout = timeout;
            return this;
        }

        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = timeout;
            return this;
        }

        public Builder writeTimeout(Duration timeout) {
            this.writeTimeout = timeout;
            return this;
        }

        public Builder lingerTimeout(Duration timeout) {
            this.lingerTimeout = timeout;
            return this;
        }

        /** See {@link Options#watchdog}. */
        public Builder watchdog(Duration longest) {
            this.watchdog = longest;
            return this;
        }

        public Builder noDelay(boolean on) {
            this.noDelay = on;
            return this;
        }

        public Builder keepAlive(boolean on) {
            this.keepAlive = on;
            return this;
        }

        public Builder pollSleep(Duration pause) {
            this.pollSleep = pause;
            return this;
        }

        /** Processes that share the port, on any model but {@code prefork}. */
        public Builder processes(int count) {
            this.processes = count;
            return this;
        }

        /** Workers of {@code prefork}. */
        public Builder processes(int least, int most) {
            this.processesMin = least;
            this.processesMax = most;
            return this;
        }

        public Builder uring(UringOptions switches) {
            this.uring = switches;
            return this;
        }

        /** See {@link Options#disk}. */
        public Builder disk(@Nullable DiskEngine engine) {
            this.disk = engine;
            return this;
        }

        public Options build() {
            return new Options(
                    loops,
                    pin,
                    accept,
                    balance,
                    backlogCount,
                    shed,
                    highWaterBytes,
                    lowWaterBytes,
                    outputLimitBytes,
                    inputLimitBytes,
                    turnBytes,
                    taskLimitCount,
                    connectTimeout,
                    idleTimeout,
                    writeTimeout,
                    lingerTimeout,
                    watchdog,
                    noDelay,
                    keepAlive,
                    pollSleep,
                    processes,
                    processesMin,
                    processesMax,
                    uring,
                    disk);
        }
    }
}

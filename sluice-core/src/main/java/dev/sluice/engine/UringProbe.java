package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.UringOptions;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Platform;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Finds out whether this machine can run a {@link UringEngine}: by running a small one that receives a byte. */
final class UringProbe {
    private static final UringOptions SMALL =
            UringOptions.builder().entries(8, 16).buffers(4, 256).build();
    static final String USE_EPOLL = ", or use --model epoll";
    private static final String NEEDS = "Linux 6.0 or newer (6.1 for DEFER_TASKRUN)";

    /** What the trial's connection was told. */
    private static final class Trial implements Completion {
        private boolean received;
        private int ended;
        private boolean closed;

        @Override
        public void received(ByteBuffer bytes) {
            received = true;
        }

        @Override
        public void receiveEnded(int result) {
            ended = result;
        }

        @Override
        public void closed() {
            closed = true;
        }

        @Override
        public void connected(int result) {
            throw new IllegalStateException("nothing was connected");
        }

        @Override
        public void sent(long result) {
            throw new IllegalStateException("nothing was sent");
        }
    }

    private UringProbe() {}

    static Availability availability() {
        if (!Platform.isLinux()) {
            return Availability.no(
                    "io_uring is Linux's; this is " + System.getProperty("os.name"), "use --model kqueue, nio or aio");
        }
        try (UringEngine engine = new UringEngine(SMALL, SMALL.bufferBytes())) {
            int failure = receiveOneByte(engine);
            return failure == 0
                    ? Availability.yes(engine.features())
                    : Availability.no(
                            "this kernel's io_uring has no multishot receive (" + Errno.describe(-failure) + ")",
                            "use " + NEEDS + USE_EPOLL);
        } catch (SysException e) {
            return explain(e, USE_EPOLL);
        }
    }

    /** Why this machine has no ring for us. */
    static Availability explain(SysException failure, String instead) {
        return explain(failure, read("/proc/sys/kernel/io_uring_disabled"), read("/proc/self/status"), instead);
    }

    /** 0, or the errno of the receive, negative. */
    private static int receiveOneByte(UringEngine engine) {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = new CallState();
            long pair = SysException.check(
                    Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state),
                    "socketpair",
                    "AF_UNIX");
            int peer = Descriptors.second(pair);
            Trial trial = new Trial();
            Handle handle = engine.adopt(Descriptors.first(pair));
            handle.completion(trial);
            try {
                SysException.check(
                        Sockets.send(peer, arena.allocate(1).address(), 1, Sockets.MSG_NOSIGNAL, state), "send", "");
                engine.receive(handle);
                for (int i = 0; i < 100 && !trial.received && trial.ended == 0; i++) {
                    engine.poll(TimeUnit.MILLISECONDS.toNanos(10));
                }
                return trial.received ? 0 : trial.ended == 0 ? -Errno.ETIMEDOUT : trial.ended;
            } finally {
                Descriptors.close(peer, state);
                engine.close(handle, false);
                for (int i = 0; i < 100 && !trial.closed; i++) {
                    engine.poll(TimeUnit.MILLISECONDS.toNanos(10));
                }
            }
        }
    }

    /**
     * Tells apart what forbids a ring.
     *
     * @param disabled the content of /proc/sys/kernel/io_uring_disabled, empty where there is none (before Linux 6.6)
     * @param status the content of /proc/self/status
     * @param instead what else can be done, in words that follow a cure
     */
    static Availability explain(SysException failure, String disabled, String status, String instead) {
        boolean filtered = status.lines().anyMatch(line -> line.startsWith("Seccomp:") && line.endsWith("2"));
        int errno = failure.errno();
        if (errno == Errno.EPERM && disabled.strip().equals("2")) {
            return Availability.no(
                    "kernel.io_uring_disabled is 2: this machine forbids io_uring to everyone",
                    "'sysctl kernel.io_uring_disabled=0'" + instead);
        }
        if (errno == Errno.EPERM && disabled.strip().equals("1")) {
            return Availability.no(
                    "kernel.io_uring_disabled is 1: this machine allows io_uring only to CAP_SYS_ADMIN and to the group"
                            + " kernel.io_uring_group",
                    "add this user to that group, or 'sysctl kernel.io_uring_disabled=0'" + instead);
        }
        if ((errno == Errno.EPERM || errno == Errno.EACCES || errno == Errno.ENOSYS) && filtered) {
            return Availability.no(
                    "a seccomp filter forbids io_uring to this process (" + Errno.describe(errno)
                            + "), as container runtimes do",
                    "allow io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp profile"
                            + instead);
        }
        if (errno == Errno.ENOSYS) {
            return Availability.no("this kernel has no io_uring", "use " + NEEDS + instead);
        }
        if (errno == Errno.EINVAL) {
            return Availability.no(
                    "this kernel's io_uring is too old: " + failure.getMessage(), "use " + NEEDS + instead);
        }
        if (errno == Errno.ENOMEM) {
            return Availability.no(
                    "no memory that a ring may lock: " + failure.getMessage(), "raise 'ulimit -l'" + instead);
        }
        return Availability.no("no ring can be made: " + failure.getMessage(), "mend that" + instead);
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            return ""; // not there: an older kernel, or no /proc; the explanation does without
        }
    }
}

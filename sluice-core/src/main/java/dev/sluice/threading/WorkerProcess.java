package dev.sluice.threading;

import dev.sluice.ServiceProvider;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.ExitStatus;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.PidFd;
import dev.sluice.os.Platform;
import dev.sluice.os.Sockets;
import dev.sluice.os.Spawn;
import dev.sluice.os.SysException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A worker as its master knows it: a pidfd that tells of its end and names no other process, a control socket that carries
 * whole messages, and the pipe into which it prints. For the master's thread only.
 */
final class WorkerProcess {
    private static final int TAIL_CHARS = 4096;

    final int pid;
    final int pidFd;
    final int control;
    final int output;
    final long startedNanos = System.nanoTime();
    WorkerReport report = WorkerReport.NONE;
    /** It was told to go. */
    boolean dismissed;

    boolean killed;
    /** It was asked for its counts, and has not told them yet. */
    boolean owesReport;

    private final StringBuilder line = new StringBuilder();
    private final StringBuilder tail = new StringBuilder();
    private String exit = "";

    WorkerProcess(int pid, int pidFd, int control, int output) {
        this.pid = pid;
        this.pidFd = pidFd;
        this.control = control;
        this.output = output;
    }

    /**
     * Spawns one, and sends it its set-up.
     *
     * @param input what it is to read as its standard input
     * @throws SysException where the system refuses (EMFILE, EAGAIN …)
     */
    static WorkerProcess spawn(
            WorkerKind kind,
            Class<? extends ServiceProvider> provider,
            WorkerSetup setup,
            int listener,
            int input,
            CallState state) {
        int type = Sockets.SOCK_SEQPACKET | Sockets.SOCK_CLOEXEC;
        long sockets = SysException.check(Sockets.socketpair(Sockets.AF_UNIX, type, 0, state), "socketpair", "");
        long pipe = Descriptors.pipe2(Descriptors.O_CLOEXEC, state);
        int control = Descriptors.first(sockets);
        int theirControl = Descriptors.second(sockets);
        int output = pipe < 0 ? -1 : Descriptors.first(pipe);
        int theirOutput = pipe < 0 ? -1 : Descriptors.second(pipe);
        int pidFd = -1;
        int pid = -1;
        try {
            SysException.check(pipe, "pipe2", "");
            SysException.check(Descriptors.setNonBlocking(output, true, state), "fcntl", "fd=" + output);
            SysException.check(Descriptors.setNonBlocking(control, true, state), "fcntl", "fd=" + control);
            send(control, setup.encode(), state);
            List<Integer> descriptors = List.of(input, theirOutput, theirOutput, theirControl, listener);
            Spawn.Command command = WorkerCommand.of(kind, provider, descriptors);
            pid = SysException.check(Spawn.spawn(command, state), "posix_spawn", command.executable());
            pidFd = SysException.check(PidFd.open(pid, state), "pidfd_open", "pid=" + pid);
            return new WorkerProcess(pid, pidFd, control, output);
        } finally {
            close(theirControl, state);
            close(theirOutput, state);
            if (pidFd < 0) {
                close(control, state); // whose end ends the process, should there be one
                close(output, state);
                if (pid > 0) {
                    Spawn.await(pid, state);
                }
            }
        }
    }

    private static void close(int fd, CallState state) {
        if (fd >= 0) {
            Descriptors.close(fd, state);
        }
    }

    private static void send(int control, byte[] message, CallState state) {
        long memory = NativeMemory.allocate(message.length);
        try {
            NativeMemory.copy(message, 0, message.length, memory);
            SysException.check(
                    Sockets.send(control, memory, message.length, Sockets.MSG_NOSIGNAL, state),
                    "send",
                    "a worker's set-up of " + message.length + " bytes");
        } finally {
            NativeMemory.free(memory);
        }
    }

    WorkerReport.State state() {
        return dismissed ? WorkerReport.State.LEAVING : report.state();
    }

    /** Tells it to accept no more, and to cut what is open after a time. A worker that is gone can't be told, nor need be. */
    void dismiss(long drainNanos, long memory, CallState state) {
        dismissed = true;
        order(drainNanos, memory, state);
    }

    /** Sends an order of {@link MasterLink}. */
    void order(long order, long memory, CallState state) {
        NativeMemory.putLong(memory, order);
        Sockets.send(control, memory, Long.BYTES, Sockets.MSG_NOSIGNAL, state);
    }

    void kill(CallState state) {
        killed = true;
        PidFd.sendSignal(pidFd, Platform.SIGKILL, state);
    }

    /** Takes the reports that wait. */
    void readReports(long memory, CallState state) {
        while (Sockets.recv(control, memory, WorkerReport.BYTES, Sockets.MSG_DONTWAIT, state) == WorkerReport.BYTES) {
            report = WorkerReport.decode(memory);
            owesReport = false;
        }
    }

    /** Passes on what it printed, line by line, and keeps the last of it. */
    void readOutput(long memory, int bytes, CallState state) {
        byte[] chunk = new byte[bytes];
        for (long n = Descriptors.read(output, memory, bytes, state);
                n > 0;
                n = Descriptors.read(output, memory, bytes, state)) {
            NativeMemory.copy(memory, chunk, 0, (int) n);
            print(new String(chunk, 0, (int) n, StandardCharsets.UTF_8));
        }
    }

    private void print(String text) {
        tail.append(text);
        if (tail.length() > TAIL_CHARS) {
            tail.delete(0, tail.length() - TAIL_CHARS);
        }
        line.append(text);
        for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
            System.err.println("worker " + pid + ": " + line.substring(0, end));
            line.delete(0, end + 1);
        }
    }

    /** The last that it printed. */
    String tail() {
        return tail.toString().strip();
    }

    /** Whether it has ended; it is reaped then. */
    boolean reap(CallState state) {
        int status = PidFd.reap(pidFd, state);
        if (status == -Errno.EAGAIN || status == -Errno.EINTR) {
            return false;
        }
        exit = status < 0 ? "was reaped by somebody else" : ExitStatus.describe(status);
        return true;
    }

    /** How it ended. */
    String exit() {
        return exit;
    }

    /** Closes the master's descriptors of it. */
    void close(CallState state) {
        if (!line.isEmpty()) {
            print("\n");
        }
        Descriptors.close(control, state);
        Descriptors.close(output, state);
        Descriptors.close(pidFd, state);
    }
}

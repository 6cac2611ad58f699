package dev.sluice.threading;

import dev.sluice.Availability;
import dev.sluice.ServiceProvider;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.PidFd;
import dev.sluice.os.Platform;
import java.lang.foreign.Arena;

/**
 * One process for each connection: a master keeps a pool of worker processes that inherit the listening socket. Each serves
 * one connection at a time, and takes no other with it when it dies.
 */
public final class Prefork implements Threading {
    /** Whether this machine can tell of a process's end without a race: pidfd_open(2), Linux 5.3. */
    public static Availability availability() {
        if (!Platform.isLinux()) {
            return Availability.no("its workers are watched through pidfds, which are Linux's", "take --model threads");
        }
        try (Arena arena = Arena.ofConfined()) {
            CallState state = new CallState(arena);
            int fd = PidFd.open((int) ProcessHandle.current().pid(), state);
            if (fd < 0) {
                return Availability.no(
                        "pidfd_open: " + Errno.describe(-fd), "take --model threads, or a kernel of 5.3 or newer");
            }
            Descriptors.close(fd, state);
            return Availability.yes("");
        }
    }

    @Override
    public Running start(Setup setup) {
        Class<? extends ServiceProvider> provider =
                setup.requireProvider("model prefork", "take --model threads, or epoll");
        Master master = new Master(setup, provider, WorkerKind.prefork(setup.options()));
        master.start();
        return master;
    }

    @Override
    public Dialling dialling(Setup setup) {
        throw new IllegalArgumentException("model prefork can't dial out: its connections are other processes'");
    }
}

package dev.sluice.threading;

import dev.sluice.Availability;
import dev.sluice.Service;
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
        Class<? extends ServiceProvider> provider = setup.provider();
        if (provider == null) {
            throw new IllegalArgumentException("model prefork serves each connection in a process of its own, and a"
                    + " service object can't cross to it: name the service by its provider class, a ServiceProvider"
                    + " (Server.builder(MyProvider.class)), or take --model threads");
        }
        if (provider.getConstructors().length == 0 || provider.getCanonicalName() == null) {
            throw new IllegalArgumentException("model prefork makes the service in a process of its own: "
                    + provider.getName() + " must be a public class with a public constructor");
        }
        Service service = Setup.make(provider, setup.arguments());
        String reason = service.singleProcessReason();
        if (reason != null) {
            throw new IllegalArgumentException("model prefork can't run this service, which needs a single process ("
                    + reason + "): take --model threads, or epoll");
        }
        PreforkMaster master = new PreforkMaster(setup, provider);
        master.start();
        return master;
    }

    @Override
    public Dialling dialling(Setup setup) {
        throw new IllegalArgumentException("model prefork can't dial out: its connections are other processes'");
    }
}

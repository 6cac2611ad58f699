package dev.sluice.source;

import dev.sluice.events.Command;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.PidFd;
import dev.sluice.os.Platform;
import dev.sluice.os.Signals;
import dev.sluice.os.Spawn;
import dev.sluice.os.SysException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that was started, and this side's ends of its pipes, which do not block and are the holder's to close.
 *
 * @param pidFd readable once it has ended
 */
record Spawned(int pid, int pidFd, int input, int output, int errors) {
    /**
     * Starts it.
     *
     * @throws SysException where that fails; nothing is left open then
     */
    static Spawned start(Command command, CallState state) {
        Path program = find(command);
        List<Integer> opened = new ArrayList<>();
        try {
            long in = pipe(opened, state);
            long out = pipe(opened, state);
            long err = pipe(opened, state);
            List<String> arguments = new ArrayList<>(command.arguments());
            arguments.addFirst(command.program());
            int pid = SysException.check(
                    Spawn.spawn(
                            new Spawn.Command(
                                    program,
                                    arguments,
                                    command.environment(),
                                    List.of(Descriptors.first(in), Descriptors.second(out), Descriptors.second(err)),
                                    command.directory(),
                                    false),
                            state),
                    "posix_spawn",
                    program);
            int pidFd = watchable(pid, state);
            Spawned spawned =
                    new Spawned(pid, pidFd, Descriptors.second(in), Descriptors.first(out), Descriptors.first(err));
            for (int fd : List.of(spawned.input, spawned.output, spawned.errors)) {
                opened.remove(/* element */ (Integer) fd);
                Descriptors.setNonBlocking(fd, true, state); // not before: the child's ends are others, and must block
            }
            return spawned;
        } finally {
            opened.forEach(fd -> Descriptors.close(fd, state)); // the child's ends; where it failed, all
        }
    }

    private static long pipe(List<Integer> opened, CallState state) {
        long pipe = SysException.check(Descriptors.pipe2(Descriptors.O_CLOEXEC, state), "pipe2", "");
        opened.add(Descriptors.first(pipe));
        opened.add(Descriptors.second(pipe));
        return pipe;
    }

    /** A pidfd of a fresh child; where there is none, the child is ended and waited for. */
    private static int watchable(int pid, CallState state) {
        int pidFd = PidFd.open(pid, state);
        if (pidFd < 0) {
            Signals.kill(pid, Platform.SIGKILL, state);
            Spawn.await(pid, state);
        }
        return SysException.check(pidFd, "pidfd_open", "pid=" + pid);
    }

    /** As execvp(3) finds it. */
    private static Path find(Command command) {
        String name = command.program();
        if (name.indexOf('/') >= 0) {
            return Path.of(name);
        }
        String path = command.environment().getOrDefault("PATH", "/usr/bin:/bin");
        for (String folder : path.split(File.pathSeparator)) {
            Path candidate = Path.of(folder, name);
            if (Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        throw new SysException("posix_spawn", name + ", which no folder of PATH has", Errno.ENOENT);
    }
}

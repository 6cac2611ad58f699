package dev.sluice.os;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * posix_spawn(3), with exactly the descriptors that the child is to have, an empty signal mask and default signal
 * effects. The structures for attributes and file actions are opaque and differ from library to library (336 and 80
 * bytes in glibc on x86-64, a pointer each on macOS and FreeBSD): they get ample room.
 */
public final class Spawn {
    /**
     * What to run.
     *
     * @param executable its path; PATH isn't searched
     * @param arguments all of them, the name first
     * @param environment the whole of it
     * @param descriptors what the child finds as its descriptors 0, 1, 2 and so on; it gets no others
     * @param directory where it starts, or null for this process's own
     * @param ownGroup whether it leads a process group of its own, so that the terminal's Ctrl-C doesn't reach it
     */
    public record Command(
            Path executable,
            List<String> arguments,
            Map<String, String> environment,
            List<Integer> descriptors,
            @Nullable Path directory,
            boolean ownGroup) {
        public Command {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
            descriptors = List.copyOf(descriptors);
        }
    }

    private static final long OPAQUE_BYTES = 1024;
    private static final int WNOHANG = 1;

    private static final int POSIX_SPAWN_SETPGROUP = 0x02;
    private static final int POSIX_SPAWN_SETSIGDEF = Platform.pick(0x04, 0x04, 0x10);
    private static final int POSIX_SPAWN_SETSIGMASK = Platform.pick(0x08, 0x08, 0x20);
    /** macOS's own: what no file action names is closed. */
    private static final int POSIX_SPAWN_CLOEXEC_DEFAULT = Platform.pick(0, 0x4000, 0);

    private static final MemorySegment SPAWN = Native.function("posix_spawn");
    private static final MemorySegment ACTIONS_INIT = Native.function("posix_spawn_file_actions_init");
    private static final MemorySegment ACTIONS_DESTROY = Native.function("posix_spawn_file_actions_destroy");
    private static final MemorySegment ADD_DUP2 = Native.function("posix_spawn_file_actions_adddup2");
    private static final MemorySegment ADD_CLOSE = Native.function("posix_spawn_file_actions_addclose");
    private static final MemorySegment ADD_CLOSEFROM = Native.function("posix_spawn_file_actions_addclosefrom_np");
    private static final MemorySegment ADD_CHDIR = Native.function("posix_spawn_file_actions_addchdir_np");
    private static final boolean HAS_CLOSEFROM = Native.has("posix_spawn_file_actions_addclosefrom_np");
    private static final MemorySegment ATTR_INIT = Native.function("posix_spawnattr_init");
    private static final MemorySegment ATTR_DESTROY = Native.function("posix_spawnattr_destroy");
    private static final MemorySegment SET_FLAGS = Native.function("posix_spawnattr_setflags");
    private static final MemorySegment SET_MASK = Native.function("posix_spawnattr_setsigmask");
    private static final MemorySegment SET_DEFAULT = Native.function("posix_spawnattr_setsigdefault");
    private static final MemorySegment SET_GROUP = Native.function("posix_spawnattr_setpgroup");
    private static final MemorySegment WAITPID = Native.function("waitpid");

    private Spawn() {}

    /**
     * Starts a process.
     *
     * @return its pid, or -errno: {@code -ENOENT} and {@code -EACCES} of the executable or the directory among others
     */
    public static int spawn(Command command, CallState state) {
        List<Integer> sources = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            // A source below the number of targets could be overwritten before it is used: it is moved out of the way.
            for (int fd : command.descriptors()) {
                int moved = Descriptors.fcntl(
                        fd, Descriptors.F_DUPFD_CLOEXEC, command.descriptors().size(), state);
                if (moved < 0) {
                    return moved;
                }
                sources.add(moved);
            }
            return spawn(command, sources, arena, state);
        } finally {
            sources.forEach(fd -> Descriptors.close(fd, state));
        }
    }

    /** Reaps a child that has ended: an {@link ExitStatus}, {@code -EAGAIN} while it runs, or -errno. */
    public static int reap(int pid, CallState state) {
        return waitpid(pid, WNOHANG, state);
    }

    /** Waits for a child's end and reaps it: an {@link ExitStatus}, or -errno. */
    public static int await(int pid, CallState state) {
        return waitpid(pid, 0, state);
    }

    private static int waitpid(int pid, int options, CallState state) {
        long status = state.scratch();
        int result = state.result(Native.intCall(WAITPID, state, pid, status, options));
        if (result < 0) {
            return result;
        }
        return result == 0 ? -Errno.EAGAIN : ExitStatus.ofWait(NativeMemory.getInt(status));
    }

    private static int spawn(Command command, List<Integer> sources, Arena arena, CallState state) {
        long actions = arena.allocate(OPAQUE_BYTES, 16).address();
        long attributes = arena.allocate(OPAQUE_BYTES, 16).address();
        long path = arena.allocateFrom(command.executable().toString()).address();
        long arguments = strings(command.arguments(), arena);
        List<String> variables = new ArrayList<>();
        command.environment().forEach((name, value) -> variables.add(name + "=" + value));
        long environment = strings(variables, arena);
        long pid = state.scratch();
        // Every function here answers the error number itself.
        int error = Native.intCall(ACTIONS_INIT, state, actions);
        if (error != 0) {
            return Native.negated(error);
        }
        try {
            error = fillActions(actions, command, sources, arena, state);
            if (error == 0) {
                error = Native.intCall(ATTR_INIT, state, attributes);
            }
            if (error != 0) {
                return Native.negated(error);
            }
            try {
                error = fillAttributes(attributes, command.ownGroup(), arena, state);
                if (error == 0) {
                    error = Native.intCall(SPAWN, state, pid, path, actions, attributes, arguments, environment);
                }
            } finally {
                int destroyed = Native.intCall(ATTR_DESTROY, state, attributes);
                assert destroyed == 0;
            }
        } finally {
            int destroyed = Native.intCall(ACTIONS_DESTROY, state, actions);
            assert destroyed == 0;
        }
        return error == 0 ? NativeMemory.getInt(pid) : Native.negated(error);
    }

    private static int fillActions(long actions, Command command, List<Integer> sources, Arena arena, CallState state) {
        for (int target = 0; target < sources.size(); target++) {
            int error = Native.intCall(ADD_DUP2, state, actions, sources.get(target), target);
            if (error != 0) {
                return error;
            }
        }
        int error = Platform.isMacos() ? 0 : closeOthers(actions, sources.size(), state);
        if (error == 0 && command.directory() != null) {
            long directory = arena.allocateFrom(command.directory().toString()).address();
            error = Native.intCall(ADD_CHDIR, state, actions, directory);
        }
        return error;
    }

    /** Descriptors that other code of this process opened without close-on-exec must not reach the child. */
    private static int closeOthers(long actions, int from, CallState state) {
        if (HAS_CLOSEFROM) {
            return Native.intCall(ADD_CLOSEFROM, state, actions, from);
        }
        // musl: what is open now; it doesn't mind that the listing's own descriptor is closed by then.
        String[] open = new File("/proc/self/fd").list();
        if (open == null) {
            return Errno.ENOSYS;
        }
        for (String name : open) {
            int fd = Integer.parseInt(name);
            int error = fd < from ? 0 : Native.intCall(ADD_CLOSE, state, actions, fd);
            if (error != 0) {
                return error;
            }
        }
        return 0;
    }

    private static int fillAttributes(long attributes, boolean ownGroup, Arena arena, CallState state) {
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT;
        if (ownGroup) {
            flags |= POSIX_SPAWN_SETPGROUP;
            int error = Native.intCall(SET_GROUP, state, attributes, 0);
            if (error != 0) {
                return error;
            }
        }
        SignalSet all = new SignalSet(arena);
        for (int signal = 1; signal <= 31; signal++) {
            if (signal != Platform.SIGKILL && signal != Platform.SIGSTOP) {
                all.add(signal);
            }
        }
        int error = Native.intCall(SET_MASK, state, attributes, new SignalSet(arena).address());
        if (error == 0) {
            error = Native.intCall(SET_DEFAULT, state, attributes, all.address());
        }
        return error == 0 ? Native.intCall(SET_FLAGS, state, attributes, flags) : error;
    }

    /** A NULL-terminated array of C strings. */
    private static long strings(List<String> values, Arena arena) {
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, values.size() + 1L);
        for (int i = 0; i < values.size(); i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(values.get(i)));
        }
        return array.address();
    }
}

package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final MethodHandle SPAWN = Native.intCall("posix_spawn", LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle ACTIONS_INIT = Native.intCall("posix_spawn_file_actions_init", LONG);
    private static final MethodHandle ACTIONS_DESTROY = Native.intCall("posix_spawn_file_actions_destroy", LONG);
    private static final MethodHandle ADD_DUP2 = Native.intCall("posix_spawn_file_actions_adddup2", LONG, INT, INT);
    private static final MethodHandle ADD_CLOSE = Native.intCall("posix_spawn_file_actions_addclose", LONG, INT);
    private static final MethodHandle ADD_CLOSEFROM =
            Native.intCall("posix_spawn_file_actions_addclosefrom_np", LONG, INT);
    private static final MethodHandle ADD_CHDIR = Native.intCall("posix_spawn_file_actions_addchdir_np", LONG, LONG);
    private static final boolean HAS_CLOSEFROM = Native.has("posix_spawn_file_actions_addclosefrom_np");
    private static final MethodHandle ATTR_INIT = Native.intCall("posix_spawnattr_init", LONG);
    private static final MethodHandle ATTR_DESTROY = Native.intCall("posix_spawnattr_destroy", LONG);
    private static final MethodHandle SET_FLAGS = Native.intCall("posix_spawnattr_setflags", LONG, SHORT);
    private static final MethodHandle SET_MASK = Native.intCall("posix_spawnattr_setsigmask", LONG, LONG);
    private static final MethodHandle SET_DEFAULT = Native.intCall("posix_spawnattr_setsigdefault", LONG, LONG);
    private static final MethodHandle SET_GROUP = Native.intCall("posix_spawnattr_setpgroup", LONG, INT);
    private static final MethodHandle WAITPID = Native.intCall("waitpid", INT, LONG, INT);

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
        try {
            int result = state.result((int) WAITPID.invokeExact(state.segment(), pid, status, options));
            if (result < 0) {
                return result;
            }
            return result == 0 ? -Errno.EAGAIN : ExitStatus.ofWait(NativeMemory.getInt(status));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static int spawn(Command command, List<Integer> sources, Arena arena, CallState state) {
        MemorySegment capture = state.segment();
        long actions = arena.allocate(OPAQUE_BYTES, 16).address();
        long attributes = arena.allocate(OPAQUE_BYTES, 16).address();
        long path = arena.allocateFrom(command.executable().toString()).address();
        long arguments = strings(command.arguments(), arena);
        List<String> variables = new ArrayList<>();
        command.environment().forEach((name, value) -> variables.add(name + "=" + value));
        long environment = strings(variables, arena);
        long pid = state.scratch();
        try {
            // Every function here answers the error number itself.
            int error = (int) ACTIONS_INIT.invokeExact(capture, actions);
            if (error != 0) {
                return Native.negated(error);
            }
            try {
                error = fillActions(actions, command, sources, arena, capture);
                if (error == 0) {
                    error = (int) ATTR_INIT.invokeExact(capture, attributes);
                }
                if (error != 0) {
                    return Native.negated(error);
                }
                try {
                    error = fillAttributes(attributes, command.ownGroup(), arena, capture);
                    if (error == 0) {
                        error = (int)
                                SPAWN.invokeExact(capture, pid, path, actions, attributes, arguments, environment);
                    }
                } finally {
                    int destroyed = (int) ATTR_DESTROY.invokeExact(capture, attributes);
                    assert destroyed == 0;
                }
            } finally {
                int destroyed = (int) ACTIONS_DESTROY.invokeExact(capture, actions);
                assert destroyed == 0;
            }
            return error == 0 ? NativeMemory.getInt(pid) : Native.negated(error);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static int fillActions(
            long actions, Command command, List<Integer> sources, Arena arena, MemorySegment capture) throws Throwable {
        for (int target = 0; target < sources.size(); target++) {
            int error = (int) ADD_DUP2.invokeExact(capture, actions, (int) sources.get(target), target);
            if (error != 0) {
                return error;
            }
        }
        int error = Platform.isMacos() ? 0 : closeOthers(actions, sources.size(), capture);
        if (error == 0 && command.directory() != null) {
            long directory = arena.allocateFrom(command.directory().toString()).address();
            error = (int) ADD_CHDIR.invokeExact(capture, actions, directory);
        }
        return error;
    }

    /** Descriptors that other code of this process opened without close-on-exec must not reach the child. */
    private static int closeOthers(long actions, int from, MemorySegment capture) throws Throwable {
        if (HAS_CLOSEFROM) {
            return (int) ADD_CLOSEFROM.invokeExact(capture, actions, from);
        }
        // musl: what is open now; it doesn't mind that the listing's own descriptor is closed by then.
        String[] open = new File("/proc/self/fd").list();
        if (open == null) {
            return Errno.ENOSYS;
        }
        for (String name : open) {
            int fd = Integer.parseInt(name);
            int error = fd < from ? 0 : (int) ADD_CLOSE.invokeExact(capture, actions, fd);
            if (error != 0) {
                return error;
            }
        }
        return 0;
    }

    private static int fillAttributes(long attributes, boolean ownGroup, Arena arena, MemorySegment capture)
            throws Throwable {
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT;
        if (ownGroup) {
            flags |= POSIX_SPAWN_SETPGROUP;
            int error = (int) SET_GROUP.invokeExact(capture, attributes, 0);
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
        int error = (int) SET_MASK.invokeExact(capture, attributes, new SignalSet(arena).address());
        if (error == 0) {
            error = (int) SET_DEFAULT.invokeExact(capture, attributes, all.address());
        }
        return error == 0 ? (int) SET_FLAGS.invokeExact(capture, attributes, (short) flags) : error;
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

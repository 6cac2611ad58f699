package dev.sluice.threading;

import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.NativeMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens what is below a directory name by name, for systems without openat2(2). Each name is opened with {@code
 * O_NOFOLLOW} on the descriptor of the one before; links are read and walked here, and {@code ..} goes back to a
 * descriptor that is held: so the kernel is never asked to resolve more than one plain name.
 */
final class PathWalk {
    /** MAXSYMLINKS of Linux. */
    private static final int LINKS = 40;

    private static final int LINK_BYTES = 4096;
    private static final int STEP = FileCalls.O_RDONLY
            | FileCalls.O_PATH // where there is one: then a directory that can be searched need not be readable
            | FileCalls.O_DIRECTORY
            | FileCalls.O_NOFOLLOW
            | FileCalls.O_CLOEXEC;

    private final boolean followLinks;
    private final FileScratch scratch;
    private final Deque<String> names = new ArrayDeque<>();
    private int[] held = new int[8];
    private int depth;
    private int links;

    private PathWalk(int root, boolean followLinks, FileScratch scratch) {
        this.held[0] = root;
        this.followLinks = followLinks;
        this.scratch = scratch;
    }

    /** A descriptor, or -errno as {@link ConfinedOpen#open} tells it. */
    static int open(int root, String path, int flags, boolean followLinks, FileScratch scratch) {
        if (path.startsWith("/")) {
            return -Errno.EXDEV;
        }
        PathWalk walk = new PathWalk(root, followLinks, scratch);
        try {
            walk.push(path);
            return walk.walk(flags);
        } finally {
            while (walk.depth > 0) {
                walk.up();
            }
        }
    }

    private void push(String path) {
        List<String> parts = Arrays.asList(path.split("/", -1));
        Collections.reverse(parts);
        parts.forEach(names::push);
    }

    private int walk(int flags) {
        while (true) {
            String name = names.pop();
            boolean last = names.isEmpty();
            if (name.equals("..")) {
                if (depth == 0) {
                    return -Errno.EXDEV;
                }
                up();
                name = ".";
            }
            if (name.isEmpty() || name.equals(".")) {
                if (last) {
                    return FileCalls.openat(held[depth], ".", flags, 0, scratch.state);
                }
                continue;
            }
            int result = followLinks ? follow(name) : 0;
            if (result != 0) {
                if (result < 0) {
                    return result;
                }
                continue;
            }
            result = last ? openat(name, flags | FileCalls.O_NOFOLLOW) : down(name);
            if (result < 0 || last) {
                return result;
            }
        }
    }

    /** 1 where the name was a link, whose names now stand in its place; 0 where it is none; or -errno. */
    private int follow(String name) {
        String target = target(name);
        if (target == null) {
            int errno = scratch.state.errno();
            return errno == Errno.EINVAL ? 0 : -errno;
        }
        if (++links > LINKS) {
            return -Errno.ELOOP;
        }
        if (target.startsWith("/")) {
            return -Errno.EXDEV;
        }
        push(target);
        return 1;
    }

    private int down(String name) {
        int fd = openat(name, STEP);
        if (fd < 0) {
            return fd;
        }
        if (++depth == held.length) {
            held = Arrays.copyOf(held, depth * 2);
        }
        held[depth] = fd;
        return 0;
    }

    private int openat(String name, int flags) {
        int fd = FileCalls.openat(held[depth], name, flags, 0, scratch.state);
        // FreeBSD says EMLINK for a link, Linux ENOTDIR where O_DIRECTORY is asked for as well.
        boolean perhapsLink = fd == -Errno.EMLINK || fd == -Errno.ENOTDIR;
        return perhapsLink && target(name) != null ? -Errno.ELOOP : fd;
    }

    private void up() {
        Descriptors.close(held[depth], scratch.state);
        depth--;
    }

    /** A link's target, or null with the errno in the state. */
    private @Nullable String target(String name) {
        long buffer = scratch.bounce();
        int length = (int) FileCalls.readlinkat(held[depth], name, buffer, LINK_BYTES, scratch.state);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        NativeMemory.copy(buffer, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds what a path of a {@link SimDisk} names, as path_resolution(7) does. */
final class DiskPath {
    /** MAXSYMLINKS. */
    private static final int LINKS = 40;
    /** NAME_MAX and PATH_MAX. */
    private static final int NAME_BYTES = 255;

    private static final int PATH_BYTES = 4096;

    /**
     * A name in a directory.
     *
     * @param node what it stands for, or null
     * @param errno why there is no such place; 0 where there is
     */
    record Place(
            DiskDirectory directory, String name, @Nullable DiskNode node, int errno) {}

    /** What was found, or an errno. */
    record Found(@Nullable DiskNode node, int errno) {}

    private final DiskDirectory root;

    DiskPath(DiskDirectory root) {
        this.root = root;
    }

    /** What an absolute path names, or null; links are followed. */
    @Nullable
    DiskNode find(String path) {
        return resolve(root, path, true, false).node();
    }

    /** The last name of an absolute path, in its directory; a link there is not followed. */
    Place place(String path) {
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        if (!path.startsWith("/") || name.isEmpty() || name.equals(".") || name.equals("..")) {
            return new Place(root, name, null, Errno.EINVAL);
        }
        if (bytes(name) > NAME_BYTES) {
            return new Place(root, name, null, Errno.ENAMETOOLONG);
        }
        Found above = resolve(root, path.substring(0, slash + 1), true, false);
        if (above.node() instanceof DiskDirectory directory) {
            return new Place(directory, name, directory.entries.get(name), 0);
        }
        return new Place(root, name, null, above.errno() == 0 ? Errno.ENOTDIR : above.errno());
    }

    /** The same where missing directories above are made, durably. */
    Place make(String path, Supplier<DiskDirectory> maker) {
        if (!path.startsWith("/") || path.endsWith("/")) {
            throw new IllegalArgumentException("a disk's paths begin with a slash, and end with none: " + path);
        }
        List<String> names = Arrays.asList(path.substring(1).split("/", -1));
        DiskDirectory directory = root;
        for (String name : names.subList(0, names.size() - 1)) {
            DiskNode below = directory.entries.get(name);
            if (below == null) {
                below = maker.get();
                below.names = 1;
                directory.entries.put(name, below);
                directory.durable.put(name, below);
            }
            if (!(below instanceof DiskDirectory next)) {
                throw new IllegalArgumentException(name + " in " + path + " is no directory");
            }
            directory = next;
        }
        String name = names.getLast();
        return new Place(directory, name, directory.entries.get(name), 0);
    }

    boolean isWithin(DiskDirectory above, DiskDirectory directory) {
        if (above == directory) {
            return true;
        }
        for (DiskNode node : above.entries.values()) {
            if (node instanceof DiskDirectory below && isWithin(below, directory)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Walks from a directory.
     *
     * @param beneath whether it refuses to leave it, as RESOLVE_BENEATH does in openat2(2)
     */
    static Found resolve(DiskDirectory from, String path, boolean followLinks, boolean beneath) {
        if (beneath && path.startsWith("/")) {
            return new Found(null, Errno.EXDEV);
        }
        if (bytes(path) >= PATH_BYTES) {
            return new Found(null, Errno.ENAMETOOLONG);
        }
        Deque<DiskDirectory> above = new ArrayDeque<>();
        Deque<String> names = new ArrayDeque<>();
        push(names, path);
        above.push(from);
        int links = 0;
        while (true) {
            DiskDirectory directory = above.getFirst();
            String name = names.pop();
            DiskNode node = directory;
            if (name.equals("..")) {
                if (above.size() > 1) {
                    above.pop();
                } else if (beneath) {
                    return new Found(null, Errno.EXDEV);
                }
                node = above.getFirst();
            } else if (!name.isEmpty() && !name.equals(".")) {
                if (bytes(name) > NAME_BYTES) {
                    return new Found(null, Errno.ENAMETOOLONG);
                }
                node = directory.entries.get(name);
            }
            if (node instanceof DiskLink link) {
                int errno = !followLinks || ++links > LINKS ? Errno.ELOOP : 0;
                boolean absolute = link.target.startsWith("/");
                errno = errno == 0 && absolute && beneath ? Errno.EXDEV : errno;
                if (errno != 0) {
                    return new Found(null, errno);
                }
                while (absolute && above.size() > 1) {
                    above.pop();
                }
                push(names, link.target);
            } else if (node == null) {
                return new Found(null, Errno.ENOENT);
            } else if (names.isEmpty()) {
                return new Found(node, 0);
            } else if (!(node instanceof DiskDirectory next)) {
                return new Found(null, Errno.ENOTDIR);
            } else if (next != above.getFirst()) {
                above.push(next);
            }
        }
    }

    private static void push(Deque<String> names, String path) {
        List<String> parts = Arrays.asList(path.split("/", -1));
        Collections.reverse(parts);
        parts.forEach(names::push);
    }

    private static int bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }
}

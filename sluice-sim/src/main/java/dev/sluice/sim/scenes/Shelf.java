package dev.sluice.sim.scenes;

import dev.sluice.sim.SimDisk;
import dev.sluice.sim.World;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stands below a directory of a world's disk, and what stood there before: what a client may be given. */
final class Shelf {
    /** A directory beside the one that is served, on the same disk. */
    private static final String BESIDE = "/beside/";

    private final World world;
    private final SimDisk disk;
    private final String root;
    private final Map<String, List<Version>> versions = new TreeMap<>();
    private int besideCount;

    /**
     * What a path stood for, from some time on.
     *
     * @param sinceNanos since the world began
     * @param content a byte each char; null where nothing had that name
     * @param file the inode's number, 0 where there was none
     */
    record Version(long sinceNanos, @Nullable String content, long file) {}

    Shelf(World world, SimDisk disk, String root) {
        this.world = world;
        this.disk = disk;
        this.root = root;
        disk.putDirectory(BESIDE + "removed");
    }

    /** Writes a file, in place where it is there already: who has it open sees that. */
    void put(String path, byte[] content) {
        disk.put(root + path, content);
        note(path);
    }

    /** Lets a new file take a path: who has the old one open goes on with that. */
    void replace(String path, byte[] content) {
        String fresh = BESIDE + ++besideCount;
        disk.put(fresh, content).move(fresh, root + path);
        note(path);
    }

    /** Takes a file away, if it is there. */
    void remove(String path) {
        if (disk.exists(root + path)) {
            disk.move(root + path, BESIDE + ++besideCount);
            note(path);
        }
    }

    private void note(String path) {
        boolean there = disk.exists(root + path);
        versions.computeIfAbsent(path, none -> new ArrayList<>())
                .add(new Version(
                        world.elapsedNanos(),
                        there ? new String(disk.content(root + path), StandardCharsets.ISO_8859_1) : null,
                        there ? disk.number(root + path) : 0));
    }

    /** What a path stood for since then, in order; one without content where it never was anything. */
    List<Version> since(String path, long nanos) {
        List<Version> all = versions.getOrDefault(path, List.of());
        int first = 0;
        while (first + 1 < all.size() && all.get(first + 1).sinceNanos() < nanos) {
            first++;
        }
        return all.isEmpty() ? List.of(new Version(0, null, 0)) : all.subList(first, all.size());
    }

    /** Whether what it was first is all that it ever was. */
    boolean isUnchanged(String path) {
        return since(path, 0).size() == 1;
    }

    /** Whether a file that was open then may have become shorter under who sends it. */
    boolean hasShrunk(String path, long nanos) {
        List<Version> since = since(path, nanos);
        for (int i = 1; i < since.size(); i++) {
            String before = since.get(i - 1).content();
            String after = since.get(i).content();
            if (before != null
                    && after != null
                    && after.length() < before.length()
                    && since.get(i - 1).file() == since.get(i).file()) {
                return true;
            }
        }
        return false;
    }

    /** The names of files right below a directory (its path ends with a slash, or is empty) that ever were there. */
    List<String> below(String directory) {
        return versions.keySet().stream()
                .filter(path -> path.startsWith(directory) && path.indexOf('/', directory.length()) < 0)
                .toList();
    }

    /**
     * Where bytes are not those of a file from a position on, or -1. A file that was written meanwhile may have been read in
     * part before and in part behind that; and a bit may be another where a fault flipped it.
     */
    int differs(List<Version> among, long position, String bytes) {
        int version = 0;
        for (int i = 0; i < bytes.length(); i++) {
            while (!has(among.get(version), position + i, bytes.charAt(i))) {
                if (++version == among.size()) {
                    return i;
                }
            }
        }
        return -1;
    }

    private boolean has(Version version, long position, char value) {
        String content = version.content();
        return content != null
                && position < content.length()
                && (content.charAt((int) position) == value || disk.hasFlipped(version.file(), position));
    }
}

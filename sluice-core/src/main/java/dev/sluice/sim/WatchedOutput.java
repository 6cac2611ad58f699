package dev.sluice.sim;

import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a session has written, of its own bytes and of files, in its order: what must be sent, and nothing else. */
final class WatchedOutput {
    /** A part of a file that begins at a byte of the output. */
    private record Part(int start, FileRegion region, long changes) {
        int end() {
            return start + (int) region.count();
        }

        /** Whether the file's bytes are those that were to be read when the part was written. */
        boolean isUnchanged() {
            return region.file() instanceof SimOpenFile open && changesOf(open) == changes;
        }
    }

    private final Bytes bytes = new Bytes();
    private final List<Part> parts = new ArrayList<>();

    int count() {
        return bytes.count;
    }

    boolean hasFiles() {
        return !parts.isEmpty();
    }

    void add(byte[] written) {
        bytes.add(written);
    }

    void add(FileRegion region) {
        OpenFile file = region.file();
        parts.add(new Part(bytes.count, region, file instanceof SimOpenFile open ? changesOf(open) : 0));
        bytes.add(file instanceof SimOpenFile open ? contentOf(open, region) : new byte[(int) region.count()]);
    }

    private static long changesOf(SimOpenFile open) {
        return open.file.node instanceof DiskFile file ? file.changes() : 0;
    }

    /** Looked at from outside: no fault strikes, and no time passes. */
    private static byte[] contentOf(SimOpenFile open, FileRegion region) {
        byte[] content = new byte[Math.toIntExact(region.count())];
        if (open.file.node instanceof DiskFile file) {
            file.read(content, 0, content.length, region.position());
        }
        return content;
    }

    /** What is wrong with bytes that are sent, or null. */
    @Nullable
    String wrong(byte[] sent, int from, int count) {
        if (from + count > bytes.count) {
            return "sends " + (from + count) + " bytes where the session wrote " + bytes.count;
        }
        for (int i = from; i < from + count; ) {
            Part part = partAt(i);
            int end = Math.min(from + count, part == null ? nextStart(i) : part.end());
            boolean compares = part == null || part.isUnchanged();
            if (compares && !Arrays.equals(sent, i, end, bytes.array, i, end)) {
                return "sends bytes that the session did not write there, from byte " + i + " on";
            }
            i = end;
        }
        return null;
    }

    /** What is wrong with a part of a file that the kernel is asked to send as such, or null. */
    @Nullable
    String wrong(OpenFile file, long position, int from, int count) {
        Part part = from < bytes.count ? partAt(from) : null;
        if (part == null
                || part.region.file() != file
                || part.region.position() + (from - part.start) != position
                || from + count > part.end()) {
            return "sends a part of a file that the session did not write there, at byte " + from;
        }
        return null;
    }

    private @Nullable Part partAt(int byteAt) {
        for (Part part : parts) {
            if (part.start <= byteAt && byteAt < part.end()) {
                return part;
            }
        }
        return null;
    }

    private int nextStart(int byteAt) {
        for (Part part : parts) {
            if (part.start > byteAt) {
                return part.start;
            }
        }
        return bytes.count;
    }
}

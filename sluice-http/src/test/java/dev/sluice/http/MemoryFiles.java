package dev.sluice.http;

import dev.sluice.Directory;
import dev.sluice.Files;
import dev.sluice.OpenFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Files of a test, and the number of references to them that were not released. */
final class MemoryFiles implements Files, Directory {
    private record Content(byte[] bytes, long modifiedMillis, long version) {}

    private final TreeMap<String, Content> files = new TreeMap<>();
    final AtomicInteger references = new AtomicInteger();
    final AtomicInteger opens = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger directories = new AtomicInteger();
    private long versions;

    @Nullable
    Outcome forced;

    @Nullable
    Outcome forcedListing;

    MemoryFiles put(String name, String text, long modifiedMillis) {
        return put(name, text.getBytes(StandardCharsets.UTF_8), modifiedMillis);
    }

    MemoryFiles put(String name, byte[] bytes, long modifiedMillis) {
        files.put(name, new Content(bytes, modifiedMillis, ++versions));
        return this;
    }

    void remove(String name) {
        files.remove(name);
    }

    @Override
    public Directory directory(Path path) {
        directories.incrementAndGet();
        return this;
    }

    private boolean isDirectory(String name) {
        return name.isEmpty() || files.keySet().stream().anyMatch(file -> file.startsWith(name + "/"));
    }

    @Override
    public Lookup open(String relative, boolean followLinks) {
        if (forced != null) {
            return new Lookup(forced, null, "EIO (5)");
        }
        Content content = files.get(relative);
        if (content == null) {
            return new Lookup(isDirectory(relative) ? Outcome.DIRECTORY : Outcome.NOT_FOUND, null, "");
        }
        opens.incrementAndGet();
        references.incrementAndGet();
        return new Lookup(Outcome.FILE, new MemoryFile(relative, content), "");
    }

    @Override
    public Listing list(String relative, boolean followLinks, int limit) {
        if (forcedListing != null) {
            return Listing.none(forcedListing, "EIO (5)");
        }
        if (!isDirectory(relative)) {
            return Listing.none(Outcome.NOT_FOUND, "");
        }
        String prefix = relative.isEmpty() ? "" : relative + "/";
        List<Entry> entries = new ArrayList<>();
        files.forEach((name, content) -> {
            if (name.startsWith(prefix)) {
                String rest = name.substring(prefix.length());
                int slash = rest.indexOf('/');
                String entry = slash < 0 ? rest : rest.substring(0, slash);
                if (entries.stream().noneMatch(known -> known.name().equals(entry))) {
                    entries.add(new Entry(entry, slash >= 0, content.bytes.length, content.modifiedMillis));
                }
            }
        });
        return new Listing(Outcome.DIRECTORY, entries.subList(0, Math.min(limit, entries.size())), "");
    }

    @Override
    public void close() {
        directories.decrementAndGet();
    }

    private final class MemoryFile implements OpenFile {
        private final String name;
        private final Content content;

        MemoryFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public boolean hasChanged() {
            return files.get(name) != content;
        }

        @Override
        public long sizeBytes() {
            return content.bytes.length;
        }

        @Override
        public long modifiedMillis() {
            return content.modifiedMillis;
        }

        @Override
        public long version() {
            return content.version;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            reads.incrementAndGet();
            int length = (int) Math.min(into.remaining(), Math.max(0, content.bytes.length - position));
            into.put(content.bytes, (int) position, length);
            return length;
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public OpenFile retain() {
            references.incrementAndGet();
            return this;
        }

        @Override
        public void release() {
            if (references.decrementAndGet() < 0) {
                throw new IllegalStateException("released too often");
            }
        }
    }
}

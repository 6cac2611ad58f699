package dev.sluice.lab.disk;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.PageCache;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * The file that is read and written: made by us in a folder of the user's, under a name that nothing else has, and removed in the
 * end. No other file is opened for writing. For one thread.
 */
final class TestFile implements AutoCloseable {
    /** Left free on the file system, for everybody else. */
    static final long SPARE_BYTES = 64L << 20;

    private static final String PREFIX = "sluice-disk-";
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final BlockContent content;
    private final Blocks blocks;
    private final ByteBuffer chunk;

    private TestFile(Path path, FileChannel channel, BlockContent content, Blocks blocks) {
        this.path = path;
        this.channel = channel;
        this.content = content;
        this.blocks = blocks;
        this.chunk = ByteBuffer.allocateDirect(Math.max(1, CHUNK_BYTES / blocks.bytes()) * blocks.bytes())
                .order(ByteOrder.nativeOrder());
    }

    /**
     * Makes the file, still empty.
     *
     * @param folder which must be there
     * @throws DiskException where there is too little room or a file of that name, or none can be made
     */
    static TestFile make(Path folder, BlockContent content, int blocksCount, int blockBytes) throws DiskException {
        Path path = folder.toAbsolutePath()
                .normalize()
                .resolve(PREFIX + ProcessHandle.current().pid() + "-" + Long.toHexString(content.seed()) + ".tmp");
        try {
            requireRoom(folder, (long) blocksCount * blockBytes);
            Blocks blocks = new Blocks(blocksCount, blockBytes); // only now: those of a file that has no room take much
            return new TestFile(
                    path,
                    FileChannel.open(
                            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    content,
                    blocks);
        } catch (IOException e) {
            throw new DiskException("can't make a file in " + folder + ": " + e, e);
        }
    }

    /** Refuses a file that would fill the file system. */
    static void requireRoom(Path folder, long bytes) throws IOException, DiskException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free - SPARE_BYTES) {
            throw new DiskException(String.format(
                    Locale.ROOT,
                    "there are %,d MiB free in %s, and the file would take %,d MiB where %,d MiB must stay free: name a"
                            + " smaller --size, or another folder",
                    free >> 20,
                    folder,
                    bytes >> 20,
                    SPARE_BYTES >> 20));
        }
    }

    Path path() {
        return path;
    }

    BlockContent content() {
        return content;
    }

    Blocks blocks() {
        return blocks;
    }

    /** Which kind of file system it is on, and on which device, as in "ext4 on /dev/vda". */
    String place() {
        try {
            FileStore store = Files.getFileStore(path);
            return store.type() + " on " + store.name();
        } catch (IOException e) {
            return "unknown"; // no /proc/mounts
        }
    }

    /**
     * Writes each block for the first time, and makes it durable.
     *
     * @param stopped asked now and then; where it says so the rest is left out
     */
    void lay(BooleanSupplier stopped) throws DiskException {
        try {
            int together = chunk.capacity() / blocks.bytes();
            for (int block = 0; block < blocks.count() && !stopped.getAsBoolean(); block += together) {
                chunk.clear();
                for (int i = block; i < Math.min(block + together, blocks.count()); i++) {
                    content.fill(slice(i - block), blocks.offset(i), 0);
                    chunk.position((i - block + 1) * blocks.bytes());
                }
                chunk.flip();
                for (long at = blocks.offset(block); chunk.hasRemaining(); ) {
                    at += channel.write(chunk, at);
                }
            }
            channel.force(true);
        } catch (IOException e) {
            throw new DiskException(path + " can't be written: " + e.getMessage(), e);
        }
    }

    /** Reads each block once, so that it is in the page cache, and checks it. */
    void readAll() throws DiskException {
        try {
            int together = chunk.capacity() / blocks.bytes();
            for (int block = 0; block < blocks.count(); block += together) {
                int end = Math.min(block + together, blocks.count());
                chunk.clear().limit((end - block) * blocks.bytes());
                while (chunk.hasRemaining()) {
                    long at = blocks.offset(block) + chunk.position();
                    if (channel.read(chunk, at) < 0) {
                        throw new DiskException(path + " ends at offset " + at + ": who cut it?");
                    }
                }
                for (int i = block; i < end; i++) {
                    ByteBuffer read = slice(i - block);
                    int wrong = content.check(read, blocks.offset(i), blocks.generation(i));
                    if (wrong != BlockContent.RIGHT) {
                        throw WrongBlock.in(path, content, read, blocks.offset(i), blocks.generation(i), wrong);
                    }
                }
            }
        } catch (IOException e) {
            throw new DiskException(path + " can't be read: " + e.getMessage(), e);
        }
    }

    private ByteBuffer slice(int index) {
        return chunk.slice(index * blocks.bytes(), blocks.bytes()).order(ByteOrder.nativeOrder());
    }

    /** Has nothing of it in the page cache. */
    void dropCache() throws DiskException {
        sync(); // what isn't written yet is not dropped
        try (Arena arena = Arena.ofConfined()) {
            CallState state = new CallState(arena);
            int fd = FileCalls.openat(
                    FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC, 0, state);
            int result = fd;
            if (fd >= 0) {
                result = PageCache.drop(fd, state);
                Descriptors.close(fd, state);
            }
            if (result < 0) {
                throw new DiskException(path + " can't be dropped from the page cache: " + Errno.name(-result));
            }
        }
    }

    /** Makes durable what was written. */
    void sync() throws DiskException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new DiskException(path + " can't be synced: " + e.getMessage(), e);
        }
    }

    /** Removes it. */
    @Override
    public void close() throws DiskException {
        try (channel) {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new DiskException(path + " can't be removed: " + e.getMessage() + "; remove it yourself", e);
        }
    }
}

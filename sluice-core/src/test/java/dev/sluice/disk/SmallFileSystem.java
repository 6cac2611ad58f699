package dev.sluice.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system that is soon full: a tmpfs, where this process may mount one. */
final class SmallFileSystem implements AutoCloseable {
    static final int BYTES = 64 * 1024;

    private final Path path;
    private final boolean there;

    private SmallFileSystem(Path path, boolean there) {
        this.path = path;
        this.there = there;
    }

    static SmallFileSystem mount(Path directory) throws IOException, InterruptedException {
        Path path = Files.createDirectory(directory.resolve("small"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", path.toString()) == 0;
        return new SmallFileSystem(path, mounted);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    boolean isThere() {
        return there;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (there && run("umount", path.toString()) != 0) {
            throw new IOException(path + " can't be unmounted");
        }
    }
}

package dev.sluice.http;

import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.disk.DiskEngine;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How static files get from the disk to a connection: what {@code --file-io} chooses. */
public enum FileIo {
    /**
     * By the model's own way to send a file, wherever its bytes are: sendfile(2) where there is one, which waits for what is not in
     * the page cache, and with it all of its loop; on {@code io_uring} the loop's ring reads that.
     */
    SENDFILE("sendfile", null),
    /** By pread(2) on the loop, which waits for the disk: to be measured. */
    BLOCKING("blocking", DiskEngine.BLOCKING),
    /** As {@link #SENDFILE}; what is not in the page cache is first read into it by a pool of threads. */
    POOL("pool", DiskEngine.POOL),
    /** The same by a ring. */
    IO_URING("io_uring", DiskEngine.IO_URING),
    /** Past the page cache (O_DIRECT), through buffers of the process. */
    DIRECT("direct", null);

    private final String label;
    private final @Nullable DiskEngine engine;

    FileIo(String label, @Nullable DiskEngine engine) {
        this.label = label;
        this.engine = engine;
    }

    /** Its name, for people and on command lines. */
    public String label() {
        return label;
    }

    /** What goes into {@link dev.sluice.Options#disk} with it; empty where what suits the model does. */
    public Optional<DiskEngine> engine() {
        return Optional.ofNullable(engine);
    }

    /** Whether the bytes go through buffers, rather than from the page cache. */
    boolean copies() {
        return this == BLOCKING || this == DIRECT;
    }

    public static Optional<FileIo> named(String label) {
        return Arrays.stream(values()).filter(io -> io.label.equals(label)).findFirst();
    }

    /**
     * What suits a model: {@code sendfile} where each connection has a thread or process of its own, which no other waits for; else the
     * best disk engine of this machine.
     */
    public static FileIo suiting(Model model) {
        if (model.family() == Family.BLOCKING && !model.name().startsWith("virtual")) {
            return SENDFILE;
        }
        return hasOwnRing(model) || DiskEngine.best() == DiskEngine.IO_URING ? IO_URING : POOL;
    }

    /** What {@link StaticFiles} does on a model: its own ring reads what is not in the page cache, and waits for none. */
    public FileIo on(Model model) {
        return this == IO_URING && hasOwnRing(model) ? SENDFILE : this;
    }

    private static boolean hasOwnRing(Model model) {
        return model.name().equals("io_uring") || model.name().equals("virtual/io_uring");
    }
}

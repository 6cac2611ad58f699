package dev.sluice.threading;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.FileStatus;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.PageCache;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.concurrent.TimeUnit;

/** A regular file of the kernel, as it was when it was opened. */
final class KernelFile implements OpenFile {
    /** Of these, {@link #sample} looks at one page: the kernel reads ahead, and takes back, in runs that are longer. */
    private static final long LOOK_BYTES = 128 * 1024;

    private final SharedDescriptor shared;
    private final long sizeBytes;
    private final long modifiedMillis;
    private final long changedNanos;
    private final long version;
    private final RecentLook recent = new RecentLook();
    /** False once the kernel refused to count the file's pages, as it does for most files of others. */
    volatile boolean counts = true;
    /** Told once; twice where two threads come at the same time. */
    private volatile boolean random;

    /** Takes over the descriptor. */
    KernelFile(int fd, FileStatus status) {
        this.shared = new SharedDescriptor(fd);
        this.sizeBytes = status.size();
        long seconds = status.modifiedSeconds();
        this.modifiedMillis =
                TimeUnit.SECONDS.toMillis(seconds) + TimeUnit.NANOSECONDS.toMillis(status.modifiedNanos());
        this.changedNanos = changedNanos(status);
        long nanos = TimeUnit.SECONDS.toNanos(seconds) + status.modifiedNanos();
        this.version = mix(mix(mix(status.inode()) + nanos) + sizeBytes);
    }

    private static long changedNanos(FileStatus status) {
        return TimeUnit.SECONDS.toNanos(status.changedSeconds()) + status.changedNanos();
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit of the input changes half of the output's. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public long modifiedMillis() {
        return modifiedMillis;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public long changedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(changedNanos);
    }

    @Override
    public boolean hasChanged() {
        FileScratch scratch = FileScratch.take();
        try {
            int result = FileCalls.fstat(shared.fd, scratch.status, scratch.state);
            return result < 0 || !scratch.status.isNamed() || changedNanos(scratch.status) != changedNanos;
        } finally {
            scratch.give();
        }
    }

    @Override
    public boolean isCached(long position, long count) {
        long now = System.nanoTime();
        long end = position + count;
        if (count == 0 || recent.reaches(end, now)) {
            return true;
        }
        boolean cached = look(position, end - 1);
        if (cached) {
            recent.found(position, end, now);
        }
        return cached;
    }

    /** Has the kernel count the pages (cachestat(2)), or where it refuses to, looks at some of them (preadv2(2)). */
    private boolean look(long first, long last) {
        FileScratch scratch = FileScratch.take();
        try {
            long length = last - first + 1;
            long found = counts ? PageCache.count(shared.fd, first, length, scratch.state) : -Errno.ENOSYS;
            if (found < 0) {
                counts = false;
            }
            if (found <= 0) { // none: or its bytes are in no page cache, and need none (DAX)
                return sample(first, last, scratch.state);
            }
            // Those count as well that are being read, in their order: the last one's bytes come last.
            return found >= PageCache.pages(first, length) && isThere(last, scratch.state);
        } finally {
            scratch.give();
        }
    }

    private boolean sample(long first, long last, CallState state) {
        for (long at = first; at < last; at += LOOK_BYTES) {
            if (!isThere(at, state)) {
                return false;
            }
        }
        return isThere(last, state);
    }

    /** Reads a byte of it, which takes as long as memory does where nobody has touched it lately. */
    private boolean isThere(long at, CallState state) {
        return FileCalls.preadNow(shared.fd, at, state) >= 0;
    }

    @Override
    public void randomAccess() {
        if (random) {
            return;
        }
        random = true;
        FileScratch scratch = FileScratch.take();
        try {
            PageCache.randomAccess(
                    shared.fd, scratch.state); // an advice: where it isn't taken, nothing is lost but time
        } finally {
            scratch.give();
        }
    }

    @Override
    public int read(ByteBuffer into, long position) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        if (!shared.isOpen()) {
            throw new IllegalStateException("read after the last release");
        }
        FileScratch scratch = FileScratch.take();
        try {
            return into.isDirect() ? readDirect(into, position, scratch) : readHeap(into, position, scratch);
        } finally {
            scratch.give();
        }
    }

    private int readDirect(ByteBuffer into, long position, FileScratch scratch) {
        try {
            int n = pread(MemorySegment.ofBuffer(into).address(), into.remaining(), position, scratch);
            if (n > 0) {
                into.position(into.position() + n);
            }
            return n;
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    private int readHeap(ByteBuffer into, long position, FileScratch scratch) {
        long bounce = scratch.bounce();
        int n = pread(bounce, Math.min(into.remaining(), FileScratch.BOUNCE_BYTES), position, scratch);
        if (n > 0) {
            NativeMemory.copy(bounce, into.array(), into.arrayOffset() + into.position(), n);
            into.position(into.position() + n);
        }
        return n;
    }

    private int pread(long address, int length, long position, FileScratch scratch) {
        long n;
        do {
            n = FileCalls.pread(shared.fd, address, length, position, scratch.state);
        } while (n == -Errno.EINTR);
        return (int) n;
    }

    @Override
    public int descriptor() {
        return shared.fd;
    }

    @Override
    public OpenFile retain() {
        if (!shared.tryRetain()) {
            throw new IllegalStateException("retained after the last release");
        }
        return this;
    }

    @Override
    public boolean tryRetain() {
        return shared.tryRetain();
    }

    @Override
    public void release() {
        shared.release();
    }

    @Override
    public String toString() {
        return "KernelFile[fd=" + shared.fd + ", " + sizeBytes + " bytes]";
    }
}

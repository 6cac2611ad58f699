package dev.sluice.source;

import dev.sluice.engine.Poller;
import dev.sluice.engine.Watch;
import dev.sluice.events.FileChange;
import dev.sluice.events.FileChange.Kind;
import dev.sluice.events.FileChanges;
import dev.sluice.events.FileHandler;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Inotify;
import dev.sluice.os.SysException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of files from an inotify(7) descriptor: a buffer's worth of them a turn. */
final class InotifySource extends OpenSource implements FileChanges {
    private static final int MASK = Inotify.IN_CREATE
            | Inotify.IN_MODIFY
            | Inotify.IN_CLOSE_WRITE
            | Inotify.IN_ATTRIB
            | Inotify.IN_DELETE
            | Inotify.IN_DELETE_SELF
            | Inotify.IN_MOVED_FROM
            | Inotify.IN_MOVED_TO
            | Inotify.IN_MOVE_SELF;

    private final FileHandler handler;
    private final int fd;
    private final Watch watch;
    private final Map<Integer, Path> paths = new HashMap<>();
    /** Read, and not told yet, since the handler has paused. */
    private @Nullable ByteBuffer rest;

    private boolean paused;

    private InotifySource(DomainEvents events, FileHandler handler, int fd) {
        super(events);
        this.handler = handler;
        this.fd = fd;
        this.watch = events.home().watch(fd, this::ready);
        watch.arm(Poller.IN);
    }

    static InotifySource open(DomainEvents events, FileHandler handler) {
        int fd = Inotify.init(Inotify.IN_NONBLOCK | Inotify.IN_CLOEXEC, events.state());
        SysException.check(
                fd,
                "inotify_init1",
                fd == -Errno.EMFILE
                        ? "fs.inotify.max_user_instances may be reached: watch more paths by one source"
                        : "");
        return new InotifySource(events, handler, fd);
    }

    @Override
    public void watch(Path path) {
        if (isClosed()) {
            throw new IllegalStateException("this source of file changes is closed");
        }
        int number = Inotify.add(fd, path.toString(), MASK, events.state());
        SysException.check(
                number,
                "inotify_add_watch",
                number == -Errno.ENOSPC ? path + ": raise fs.inotify.max_user_watches" : path);
        paths.put(number, path);
    }

    @Override
    public void unwatch(Path path) {
        for (Map.Entry<Integer, Path> entry : Map.copyOf(paths).entrySet()) {
            if (entry.getValue().equals(path) && !isClosed()) {
                paths.remove(entry.getKey()); // before its IN_IGNORED is read: that is not told then
                Inotify.remove(fd, entry.getKey(), events.state());
            }
        }
    }

    @Override
    public void pause() {
        paused = true;
        if (!isClosed()) {
            watch.arm(0);
        }
    }

    @Override
    public void resume() {
        if (paused && !isClosed()) {
            paused = false;
            events.home().submit(this::goOn);
        }
    }

    private void goOn() {
        ByteBuffer left = rest;
        if (left != null && !paused) {
            rest = null;
            tell(left);
        }
        arm();
    }

    private void arm() {
        if (!paused && !isClosed()) {
            watch.arm(Poller.IN);
        }
    }

    private void ready(int found) {
        if (found < 0) {
            events.failed(this, new SysException("watch", "inotify fd=" + fd, -found));
            close();
            return;
        }
        CallState state = events.state();
        ByteBuffer buffer = events.lend();
        long n = Descriptors.read(fd, MemorySegment.ofBuffer(buffer).address(), buffer.capacity(), state);
        if (n > 0) {
            tell(buffer.limit((int) n));
        } else {
            events.takeBack(buffer); // EAGAIN: spurious
        }
        arm();
    }

    /** Tells the changes from the buffer's position to its limit; what a pause leaves is kept. */
    private void tell(ByteBuffer buffer) {
        long base = MemorySegment.ofBuffer(buffer).address() - buffer.position();
        while (buffer.remaining() >= Inotify.EVENT_BYTES && !paused && !isClosed()) {
            long event = base + buffer.position();
            long bytes = Inotify.bytes(event);
            if (bytes > buffer.remaining()) {
                throw new IllegalStateException("inotify told of an event of " + bytes + " bytes, and gave "
                        + buffer.remaining()); // the kernel gives whole ones only
            }
            buffer.position(buffer.position() + (int) bytes);
            tell(event);
        }
        if (buffer.hasRemaining() && paused && !isClosed()) {
            rest = buffer;
        } else {
            events.takeBack(buffer);
        }
    }

    private void tell(long event) {
        int mask = Inotify.mask(event);
        if ((mask & Inotify.IN_Q_OVERFLOW) != 0) {
            call(handler::overflowed);
            return;
        }
        Path watched = paths.get(Inotify.watch(event));
        Kind kind = kind(mask);
        if (watched == null || kind == null) {
            return;
        }
        if (kind == Kind.UNWATCHED) {
            paths.remove(Inotify.watch(event));
        }
        String name = Inotify.name(event);
        Path path = name.isEmpty() ? watched : watched.resolve(name);
        call(() -> handler.changed(new FileChange(kind, path)));
    }

    private static @Nullable Kind kind(int mask) {
        int bit = mask & (MASK | Inotify.IN_IGNORED);
        return switch (bit) {
            case Inotify.IN_CREATE -> Kind.CREATED;
            case Inotify.IN_MODIFY -> Kind.MODIFIED;
            case Inotify.IN_CLOSE_WRITE -> Kind.WRITTEN;
            case Inotify.IN_ATTRIB -> Kind.ATTRIBUTES;
            case Inotify.IN_DELETE, Inotify.IN_DELETE_SELF -> Kind.DELETED;
            case Inotify.IN_MOVED_FROM, Inotify.IN_MOVE_SELF -> Kind.MOVED_FROM;
            case Inotify.IN_MOVED_TO -> Kind.MOVED_TO;
            case Inotify.IN_IGNORED -> Kind.UNWATCHED;
            default -> null; // IN_UNMOUNT comes unasked, and IN_IGNORED follows it
        };
    }

    @Override
    void release() {
        rest = null;
        watch.close();
        Descriptors.close(fd, events.state());
        events.ended(this);
    }
}

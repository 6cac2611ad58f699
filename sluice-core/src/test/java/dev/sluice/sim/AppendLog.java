package dev.sluice.sim;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;

/**
 * A small store as a user of a {@link Disk} would write it: a log of numbers, each with a checksum and padding, with a sync for
 * all that came while the last one was under way. What is recovered is written anew before the log goes on, since what stands in
 * the cache may never have reached the disk.
 */
final class AppendLog {
    /** What can be wrong with it. */
    enum Bug {
        NONE,
        /** Records count as durable once they are written. */
        TOLD_BEFORE_SYNC,
        /** The sync is started beside the write that it is for. */
        SYNC_BESIDE_WRITE,
        /** A sync that has failed is tried again, as if it had not happened. */
        SYNC_TRIED_AGAIN,
        /** What a short write left over is forgotten. */
        SHORT_WRITE_FORGOTTEN,
        /** The next batch is put together in a buffer that is still lent. */
        BUFFER_USED_AGAIN,
        /** Its directory is never synced. */
        NAME_NOT_SYNCED,
        /** The new log takes the old one's name before it is synced. */
        RENAMED_BEFORE_SYNC,
        /** A torn record is taken for a whole one. */
        CHECKSUM_IGNORED,
        /** It goes on behind what it recovered, which may stand in the cache only. */
        RECOVERED_IN_PLACE,
        /** It goes on behind the torn record. */
        TAIL_KEPT
    }

    private static final String NAME = "/data/log";
    private static final String FRESH = "/data/log.new";
    private static final int HEAD_BYTES = 16;
    private static final int PADDING_MOST = 700;
    private static final Set<DiskOption> LOG = EnumSet.of(DiskOption.READ, DiskOption.WRITE, DiskOption.CREATE);

    /** A record that was recovered. */
    record Found(long number, byte[] padding) {
        boolean isAsWritten() {
            return Arrays.equals(padding, AppendLog.padding(number));
        }
    }

    private record Waiting(long number, Runnable durable) {}

    private final Disk disk;
    private final Bug bug;
    private final Runnable failed;
    private List<Waiting> waiting = new ArrayList<>();
    private int fd = -1;
    private long end;
    private boolean busy;

    /** A log that is not open yet; it says when it can't go on. */
    AppendLog(Disk disk, Bug bug, Runnable failed) {
        this.disk = disk;
        this.bug = bug;
        this.failed = failed;
    }

    private LongConsumer orFail(LongConsumer next) {
        return result -> {
            if (result < 0) {
                fd = -1;
                failed.run();
            } else {
                next.accept(result);
            }
        };
    }

    // ---- recovery

    /** Reads what is there, and tells what it found once the log takes more. */
    void open(Consumer<List<Found>> recovered) {
        disk.open(NAME, LOG, orFail(opened -> {
            int old = (int) opened;
            ByteBuffer content = ByteBuffer.allocate((int) disk.size(old));
            readAll(old, content, () -> {
                content.flip();
                List<Found> found = parse(content);
                int whole = content.position();
                if (bug == Bug.RECOVERED_IN_PLACE) {
                    disk.truncate(old, whole, orFail(cut -> goOn(old, whole, found, recovered)));
                } else if (bug == Bug.TAIL_KEPT) {
                    goOn(old, content.limit(), found, recovered);
                } else {
                    disk.close(old, orFail(closed -> writeAnew(content.flip(), found, recovered)));
                }
            });
        }));
    }

    private void readAll(int from, ByteBuffer content, Runnable next) {
        if (!content.hasRemaining()) {
            next.run();
            return;
        }
        disk.read(from, content, content.position(), orFail(n -> {
            if (n == 0) {
                failed.run();
            } else {
                readAll(from, content, next);
            }
        }));
    }

    /** All whole records from the begin on; the position is left behind them. */
    private List<Found> parse(ByteBuffer content) {
        List<Found> found = new ArrayList<>();
        while (content.remaining() >= HEAD_BYTES) {
            int at = content.position();
            int checksum = content.getInt(at);
            int length = content.getInt(at + 4);
            if (length < HEAD_BYTES
                    || length > content.remaining()
                    || (bug != Bug.CHECKSUM_IGNORED && checksum != checksum(content.slice(at + 4, length - 4)))) {
                break;
            }
            byte[] padding = new byte[length - HEAD_BYTES];
            content.get(at + HEAD_BYTES, padding);
            found.add(new Found(content.getLong(at + 8), padding));
            content.position(at + length);
        }
        return found;
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private void writeAnew(ByteBuffer content, List<Found> found, Consumer<List<Found>> recovered) {
        EnumSet<DiskOption> options = EnumSet.copyOf(LOG);
        options.add(DiskOption.TRUNCATE);
        disk.open(FRESH, options, orFail(opened -> {
            int fresh = (int) opened;
            int length = content.limit();
            Runnable sync = () -> disk.sync(fresh, orFail(synced -> rename(fresh, length, found, recovered)));
            Runnable rename = () -> rename(fresh, length, found, recovered);
            writeAll(fresh, content, 0, bug == Bug.RENAMED_BEFORE_SYNC ? rename : sync);
        }));
    }

    private void rename(int fresh, int length, List<Found> found, Consumer<List<Found>> recovered) {
        disk.rename(FRESH, NAME, orFail(renamed -> {
            if (bug == Bug.NAME_NOT_SYNCED) {
                goOn(fresh, length, found, recovered);
            } else {
                syncNames(() -> goOn(fresh, length, found, recovered));
            }
        }));
    }

    private void syncNames(Runnable next) {
        disk.open(
                "/data",
                EnumSet.of(DiskOption.READ),
                orFail(names -> disk.sync(
                        (int) names, orFail(synced -> disk.close((int) names, orFail(closed -> next.run()))))));
    }

    private void goOn(int log, long length, List<Found> found, Consumer<List<Found>> recovered) {
        fd = log;
        end = length;
        recovered.accept(found);
    }

    // ---- appending

    /** Appends a number, and says when it is durable; never where that fails. */
    void append(long number, Runnable durable) {
        waiting.add(new Waiting(number, durable));
        nextBatch();
    }

    private void nextBatch() {
        if (busy || fd < 0 || waiting.isEmpty()) {
            return;
        }
        busy = true;
        List<Waiting> batch = waiting;
        waiting = new ArrayList<>();
        ByteBuffer bytes = put(batch);
        long position = end;
        end += bytes.remaining();
        Runnable told = () -> {
            busy = false;
            batch.forEach(each -> each.durable.run());
            nextBatch();
        };
        switch (bug) {
            case TOLD_BEFORE_SYNC -> writeAll(fd, bytes, position, told);
            case SYNC_BESIDE_WRITE -> {
                int[] left = {2};
                Runnable one = () -> {
                    if (--left[0] == 0) {
                        told.run();
                    }
                };
                writeAll(fd, bytes, position, one);
                disk.sync(fd, orFail(synced -> one.run()));
            }
            case BUFFER_USED_AGAIN -> {
                writeAll(fd, bytes, position, () -> sync(told));
                bytes.put(bytes.limit() - 1, (byte) 0); // the next batch's
            }
            default -> writeAll(fd, bytes, position, () -> sync(told));
        }
    }

    private void sync(Runnable told) {
        if (bug == Bug.SYNC_TRIED_AGAIN) {
            disk.sync(fd, result -> {
                if (result < 0) {
                    sync(told);
                } else {
                    told.run();
                }
            });
        } else {
            disk.sync(fd, orFail(synced -> told.run()));
        }
    }

    private void writeAll(int to, ByteBuffer bytes, long position, Runnable next) {
        if (!bytes.hasRemaining()) {
            next.run();
            return;
        }
        disk.write(to, bytes, position, orFail(n -> {
            if (bug == Bug.SHORT_WRITE_FORGOTTEN) {
                next.run();
            } else {
                writeAll(to, bytes, position + n, next);
            }
        }));
    }

    private static byte[] padding(long number) {
        Dice dice = new Dice(number);
        return dice.bytes(dice.below(PADDING_MOST));
    }

    /** The records of a batch, ready to be written. */
    private static ByteBuffer put(List<Waiting> batch) {
        ByteBuffer bytes = ByteBuffer.allocate(batch.size() * (HEAD_BYTES + PADDING_MOST));
        for (Waiting each : batch) {
            int at = bytes.position();
            bytes.putInt(0).putInt(0).putLong(each.number).put(padding(each.number));
            bytes.putInt(at + 4, bytes.position() - at);
            bytes.putInt(at, checksum(bytes.slice(at + 4, bytes.position() - at - 4)));
        }
        return bytes.flip();
    }

    /** Closes it; nothing may be under way. */
    void close() {
        if (fd >= 0) {
            disk.close(fd, closed -> {});
        }
    }
}

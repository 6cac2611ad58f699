package dev.sluice.http;

import dev.sluice.disk.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes the bodies of responses, whatever they are made of. */
final class Sources {
    /** A body of bytes up to this size is queued at once, a longer one as the connection drains. */
    static final int AT_ONCE_BYTES = 64 * 1024;

    private static final int PIECE_BYTES = 32 * 1024;

    private Sources() {}

    /** Whether a body is so short that it goes out with its head. */
    static boolean isAtOnce(Content content) {
        return content instanceof Content.Bytes bytes && bytes.array().length <= AT_ONCE_BYTES;
    }

    /**
     * What writes a body.
     *
     * @param disk the connection's, for files that are read through one
     * @return null where a worker is needed and none is free
     * @throws IllegalStateException where a worker is needed and the service has none
     */
    static @Nullable BodySource of(Content content, Workers workers, Supplier<Disk> disk) {
        return switch (content) {
            case Content.Bytes bytes -> new Pieces(List.of(new Part.Bytes(bytes.array())), null);
            case Content.Parts parts -> new Pieces(parts.parts(), FileReading.of(parts, disk));
            case Content.Written written -> written.source();
            case Content.Pulled pulled ->
                workers.inline()
                        ? new Pull(pulled.input())
                        : BlockingOutput.start(output -> pulled.input().transferTo(output), workers);
            case Content.Blocking blocking -> {
                if (workers.inline()) {
                    throw new IllegalStateException("a body that is written sequentially needs workers");
                }
                yield BlockingOutput.start(blocking.body(), workers);
            }
        };
    }

    /** Pieces one after another, each when the one before has drained. */
    private static final class Pieces implements BodySource {
        private final List<Part> parts;
        /** Null where the connection reads files as it sends them. */
        private final @Nullable FileReading reading;

        private int index;
        private int offset;

        Pieces(List<Part> parts, @Nullable FileReading reading) {
            this.parts = parts;
            this.reading = reading;
        }

        @Override
        public void start(BodyWriter writer) {
            if (reading != null) {
                reading.start(writer, () -> pump(writer));
                writer.onClosed(reading::drop);
            }
            writer.onDrained(() -> drained(writer));
            pump(writer);
        }

        /** Goes on: with the next window of a file only after others had their turn, since a fast reader always drains. */
        private void drained(BodyWriter writer) {
            boolean yields = reading != null && index < parts.size();
            if (!yields || !writer.execute(() -> pump(writer))) {
                pump(writer);
            }
        }

        private void pump(BodyWriter writer) {
            if (reading != null && reading.isWaiting()) {
                return;
            }
            while (index < parts.size()) {
                boolean more = switch (parts.get(index)) {
                    case Part.Bytes bytes -> piece(writer, bytes.array());
                    case Part.Region region -> reading == null ? whole(writer, region) : window(region, reading);
                };
                if (!more) {
                    return;
                }
            }
            if (reading != null) {
                reading.end();
            }
            writer.end();
        }

        private boolean whole(BodyWriter writer, Part.Region region) {
            index++;
            return writer.transfer(region.region());
        }

        private boolean window(Part.Region region, FileReading files) {
            boolean more = files.send(region.region());
            if (files.isAtEnd()) {
                index++;
            }
            return more;
        }

        private boolean piece(BodyWriter writer, byte[] bytes) {
            int from = offset;
            int length = Math.min(PIECE_BYTES, bytes.length - from);
            if (from + length == bytes.length) {
                index++;
                offset = 0;
            } else {
                offset += length;
            }
            return writer.write(bytes, from, length);
        }
    }

    /** A stream, read as the connection drains. */
    private static final class Pull implements BodySource {
        private final InputStream input;
        private final byte[] piece = new byte[PIECE_BYTES];

        Pull(InputStream input) {
            this.input = input;
        }

        @Override
        public void start(BodyWriter writer) {
            writer.onDrained(() -> pump(writer));
            pump(writer);
        }

        private void pump(BodyWriter writer) {
            try {
                int length;
                do {
                    length = input.read(piece);
                    if (length < 0) {
                        writer.end();
                        return;
                    }
                } while (writer.write(piece, 0, length));
            } catch (IOException e) {
                writer.fail(e);
            }
        }
    }
}

package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.World;
import dev.sluice.sim.scenes.HttpAsk.Ending;
import java.util.ArrayList;
import java.util.List;

/** Draws requests for what {@link FilesScene} has put on the disk. */
final class FileAsks {
    private static final String[] PATHS = {
        "",
        "a.txt",
        "a.txt",
        "b.html",
        "c.bin",
        "c.bin",
        "d/",
        "d/index.html",
        "d/e.txt",
        "f/",
        "f/g.bin",
        "f/h.txt",
        "no.txt",
        ".hidden"
    };
    private static final String OLD = "Sun, 06 Nov 1994 08:49:37 GMT";

    private final World world;
    private final Shelf shelf;
    private final boolean lists;
    private final Dice dice;

    FileAsks(World world, Shelf shelf, boolean lists, Dice dice) {
        this.world = world;
        this.shelf = shelf;
        this.lists = lists;
        this.dice = dice;
    }

    /**
     * Draws one.
     *
     * @param last whether the connection may end behind it
     */
    HttpAsk draw(boolean last) {
        String path = dice.any(PATHS);
        boolean head = dice.chance(0.2);
        boolean closes = last && dice.chance(0.3);
        StringBuilder fields = new StringBuilder();
        FileAsk.Condition condition = condition(fields);
        List<ByteRange> ranges = ranges(fields, head);
        List<String> codings = codings(fields, path);
        String method = head ? "HEAD" : "GET";
        return new HttpAsk(
                method + " /" + path + (ranges.isEmpty() ? "" : " " + ranges),
                method + " /" + path + " HTTP/1.1\r\nHost: server\r\n" + fields
                        + (closes ? "Connection: close\r\n\r\n" : "\r\n"),
                "",
                false,
                head,
                List.of(200),
                null,
                closes ? Ending.CLOSES : Ending.STAYS,
                false,
                new FileAsk(world, shelf, lists, path, head, condition, ranges, codings));
    }

    private FileAsk.Condition condition(StringBuilder fields) {
        if (dice.chance(0.7)) {
            return FileAsk.Condition.NONE;
        }
        switch (dice.below(6)) {
            case 0 -> fields.append("If-None-Match: *\r\n");
            case 1 -> fields.append("If-Match: \"another\"\r\n");
            case 2 -> fields.append("If-Unmodified-Since: ").append(OLD).append("\r\n");
            case 3 -> fields.append("If-None-Match: \"another\"\r\n");
            case 4 -> fields.append("If-Modified-Since: ").append(OLD).append("\r\n");
            default -> fields.append("If-Match: *\r\n");
        }
        return fields.indexOf("If-None-Match: *") == 0
                ? FileAsk.Condition.NOT_MODIFIED
                : fields.indexOf("If-Match: \"") == 0 || fields.indexOf("If-Unmodified") == 0
                        ? FileAsk.Condition.FAILED
                        : FileAsk.Condition.NONE;
    }

    /** Ranges that don't overlap; none that counts where the request is HEAD, or If-Range names another file. */
    private List<ByteRange> ranges(StringBuilder fields, boolean head) {
        List<ByteRange> ranges = new ArrayList<>();
        if (dice.chance(0.6)) {
            return ranges;
        }
        if (dice.chance(0.2)) {
            ranges.add(new ByteRange(-1, dice.spread(0, FilesScene.FILE_BYTES)));
        } else {
            long at = 0;
            for (int n = dice.chance(0.7) ? 1 : 1 + dice.below(3); n > 0; n--) {
                long first = at + dice.spread(0, FilesScene.FILE_BYTES);
                at = first + dice.spread(1, FilesScene.FILE_BYTES);
                ranges.add(new ByteRange(first, n == 1 && dice.chance(0.2) ? -1 : at - 1));
            }
        }
        String list = String.join(",", ranges.stream().map(ByteRange::toString).toList());
        fields.append("Range: bytes=").append(list).append("\r\n");
        boolean another = dice.chance(0.2);
        if (another) {
            fields.append("If-Range: \"another\"\r\n");
        }
        if (head || another) {
            ranges.clear();
        }
        return ranges;
    }

    /** What the client takes of what the file may stand ready in; only texts are served compressed. */
    private List<String> codings(StringBuilder fields, String path) {
        List<String> codings = switch (dice.below(4)) {
            case 0 -> List.of("gzip");
            case 1 -> List.of("br", "gzip");
            default -> List.of();
        };
        if (!codings.isEmpty()) {
            fields.append("Accept-Encoding: ")
                    .append(String.join(", ", codings))
                    .append("\r\n");
        }
        return path.endsWith(".bin") ? List.of() : codings;
    }
}

package dev.sluice.sim.scenes;

import dev.sluice.sim.Faults;
import dev.sluice.sim.World;
import dev.sluice.sim.scenes.Shelf.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request for what is on a disk, and which answers that disk allows, as it was from the request to the answer. */
final class FileAsk implements HttpAsk.Check {
    private static final Map<String, String> SUFFIXES = Map.of("br", ".br", "gzip", ".gz");

    /** What the request's conditions come to, where the file is there. */
    enum Condition {
        NONE,
        NOT_MODIFIED,
        FAILED
    }

    private final World world;
    private final Shelf shelf;
    private final boolean lists;
    private final String path;
    private final boolean head;
    private final Condition condition;
    private final List<ByteRange> ranges;
    private final List<String> codings;
    private long askedAt;
    private long readErrorsBefore;

    /**
     * A request that is to be made.
     *
     * @param lists whether the server makes pages of directories
     * @param path below the directory that is served; one that ends with a slash, or is empty, is a directory's
     * @param ranges those that the server has to regard
     * @param codings those that the client takes
     */
    FileAsk(
            World world,
            Shelf shelf,
            boolean lists,
            String path,
            boolean head,
            Condition condition,
            List<ByteRange> ranges,
            List<String> codings) {
        this.world = world;
        this.shelf = shelf;
        this.lists = lists;
        this.path = path;
        this.head = head;
        this.condition = condition;
        this.ranges = ranges;
        this.codings = codings;
    }

    @Override
    public void asked() {
        askedAt = world.elapsedNanos();
        readErrorsBefore = met(Faults.Kind.READ_ERROR);
    }

    private long met(Faults.Kind kind) {
        return world.faultsMet().getOrDefault(kind, 0L);
    }

    private boolean hasReadError() {
        return met(Faults.Kind.READ_ERROR) > readErrorsBefore;
    }

    private boolean isDirectory() {
        return path.isEmpty() || path.endsWith("/");
    }

    /** The file that is answered with. */
    private String file() {
        return isDirectory() ? path + "index.html" : path;
    }

    /** A length that was promised can't be kept where the file became shorter, or can't be read. */
    @Override
    public boolean mayEnd() {
        return hasReadError()
                || shelf.hasShrunk(file(), askedAt)
                || codings.stream().anyMatch(coding -> shelf.hasShrunk(file() + SUFFIXES.get(coding), askedAt));
    }

    @Override
    public @Nullable String differs(HttpAnswer answer) {
        if (answer.status() == 500) {
            boolean explained = hasReadError() || met(Faults.Kind.DESCRIPTORS) > 0;
            return explained ? null : "has status 500, and no fault explains it";
        }
        if (answer.fields().containsKey("content-security-policy")) {
            return isDirectory() && lists && mayBeAbsent() ? page(answer) : "is a directory's page";
        }
        String coding = answer.fields().get("content-encoding");
        if (coding != null && !codings.contains(coding)) {
            return "is in a coding that the client does not take: " + coding;
        }
        List<Version> versions = shelf.since(file() + (coding == null ? "" : SUFFIXES.get(coding)), askedAt);
        return switch (answer.status()) {
            case 200 -> coding == null && mustBeCoded() ? "is not compressed" : whole(answer, versions, coding);
            case 206 ->
                answer.fields().containsKey("content-range")
                        ? part(answer.fields(), answer.body(), versions)
                        : parts(answer, versions);
            case 416 -> unsatisfiable(answer);
            case 304 ->
                condition == Condition.NOT_MODIFIED && answer.fields().containsKey("etag") ? null : isWrong(answer);
            case 412 -> condition == Condition.FAILED ? null : isWrong(answer);
            case 404 -> mayBeAbsent() && !(isDirectory() && lists) ? null : isWrong(answer);
            default -> isWrong(answer);
        };
    }

    private static String isWrong(HttpAnswer answer) {
        return "has status " + answer.status() + ", and it must not";
    }

    private boolean mayBeAbsent() {
        return shelf.since(file(), askedAt).stream().anyMatch(version -> version.content() == null);
    }

    private boolean mustBeCoded() {
        return met(Faults.Kind.READ_ERROR) + met(Faults.Kind.DESCRIPTORS) == 0
                && shelf.isUnchanged(file())
                && codings.stream()
                        .map(coding -> file() + SUFFIXES.get(coding))
                        .anyMatch(sibling -> shelf.isUnchanged(sibling)
                                && shelf.since(sibling, 0).getFirst().content() != null);
    }

    private @Nullable String whole(HttpAnswer answer, List<Version> versions, @Nullable String coding) {
        if (condition != Condition.NONE) {
            return "disregards the request's condition";
        }
        if (coding != null && isStale(versions)) {
            return "is a compressed file that is older than the file itself";
        }
        List<Version> fitting =
                ofSize(versions, head ? answer.statedLength() : answer.body().length());
        if (fitting.isEmpty()) {
            return "has a length that the file never had: " + answer;
        }
        if (!head && fitting.stream().noneMatch(version -> isWholeFor(length(version)))) {
            return "is the whole file where parts of it were asked for";
        }
        return head ? null : compare(versions, 0, answer.body());
    }

    /** Whether each of these was there before the file that it stands for was written; clocks that jump say nothing. */
    private boolean isStale(List<Version> compressed) {
        long newest = compressed.getLast().sinceNanos() / 1_000_000;
        return met(Faults.Kind.WALL_CLOCK) == 0
                && shelf.since(file(), askedAt).stream().allMatch(version -> version.sinceNanos() / 1_000_000 > newest);
    }

    private static long length(Version version) {
        String content = version.content();
        return content == null ? -1 : content.length();
    }

    private static List<Version> ofSize(List<Version> versions, long size) {
        return versions.stream().filter(version -> length(version) == size).toList();
    }

    private @Nullable String compare(List<Version> versions, long position, String bytes) {
        int at = shelf.differs(versions, position, bytes);
        return at < 0 ? null : "differs from the file at byte " + (position + at);
    }

    // ---- ranges

    private boolean isWholeFor(long size) {
        return ranges.isEmpty()
                || (size == 0 && ranges.stream().anyMatch(range -> range.isSuffix() && range.last() > 0));
    }

    private List<String> cut(long size) {
        List<String> cut = new ArrayList<>();
        for (ByteRange range : ranges) {
            String some = range.of(size);
            if (some != null) {
                cut.add(some);
            }
        }
        return cut;
    }

    /** One part, of an answer or of the many in one. */
    private @Nullable String part(Map<String, String> fields, String bytes, List<Version> versions) {
        String range = fields.getOrDefault("content-range", "");
        long size =
                range.matches("bytes \\d+-\\d+/\\d+") ? Long.parseLong(range.substring(range.indexOf('/') + 1)) : -1;
        if (ofSize(versions, size).isEmpty() || !cut(size).contains(range)) {
            return "has a range that nobody asked for: " + range;
        }
        long first = Long.parseLong(range.substring(6, range.indexOf('-')));
        long last = Long.parseLong(range.substring(range.indexOf('-') + 1, range.indexOf('/')));
        return last - first + 1 == bytes.length() ? compare(versions, first, bytes) : "has not the length of " + range;
    }

    /** Several parts (RFC 9110, section 14.6). */
    private @Nullable String parts(HttpAnswer answer, List<Version> versions) {
        String type = answer.fields().getOrDefault("content-type", "");
        String before = "multipart/byteranges; boundary=";
        if (!type.startsWith(before)) {
            return "has neither a range nor parts";
        }
        String delimiter = "\r\n--" + type.substring(before.length());
        String body = answer.body();
        int at = 0;
        int count = 0;
        while (body.startsWith(delimiter + "\r\n", at)) {
            int headEnd = body.indexOf("\r\n\r\n", at);
            int bodyEnd = headEnd < 0 ? -1 : body.indexOf(delimiter, headEnd + 4);
            if (bodyEnd < 0) {
                return "has a part without an end";
            }
            String range = body.substring(body.indexOf("Content-Range: ", at) + 15, headEnd);
            String wrong = part(Map.of("content-range", range), body.substring(headEnd + 4, bodyEnd), versions);
            if (wrong != null) {
                return wrong;
            }
            count++;
            at = bodyEnd;
        }
        int parts = count;
        boolean all = versions.stream().anyMatch(version -> cut(length(version)).size() == parts);
        return all && body.substring(at).equals(delimiter + "--\r\n") ? null : "has not the parts that were asked for";
    }

    /** The answer does not tell of which coding's file it speaks. */
    private @Nullable String unsatisfiable(HttpAnswer answer) {
        String range = answer.fields().getOrDefault("content-range", "");
        List<Version> versions = new ArrayList<>(shelf.since(file(), askedAt));
        codings.forEach(coding -> versions.addAll(shelf.since(file() + SUFFIXES.get(coding), askedAt)));
        for (Version version : versions) {
            long size = length(version);
            if (size >= 0 && !isWholeFor(size) && cut(size).isEmpty() && range.equals("bytes */" + size)) {
                return null;
            }
        }
        return "says that there is no such range: " + range;
    }

    // ---- pages of directories

    private @Nullable String page(HttpAnswer answer) {
        for (String below : shelf.below(path)) {
            List<Version> versions = shelf.since(below, askedAt);
            boolean listed = answer.body().contains("href=\"" + below.substring(path.length()) + "\"");
            if (!head && versions.stream().allMatch(version -> (version.content() == null) == listed)) {
                return listed ? "lists what is not there: " + below : "leaves out " + below;
            }
        }
        return null;
    }
}

package dev.sluice.http;

import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request for a file that is open: its conditions and ranges (RFC 9110 sections 13 and 14). A response that
 * sends of the file has a reference of its own.
 */
final class FileAnswer {
    private final Request request;
    private final KeptFile kept;
    private final OpenFile file;
    private final FileIo io;
    private final String type;
    private final @Nullable ContentCoding coding;
    private final boolean varies;
    private final String etag;
    private final long modifiedMillis;

    /**
     * An answer to be made.
     *
     * @param kept the file; the caller has a reference to it meanwhile
     * @param io how its bytes get to the connection
     * @param type of the file before a coding was applied to it
     * @param coding in which the file is, or null
     * @param varies whether another client may get another file
     */
    FileAnswer(Request request, KeptFile kept, FileIo io, String type, @Nullable ContentCoding coding, boolean varies) {
        this.request = request;
        this.kept = kept;
        this.file = kept.file;
        this.io = io;
        this.type = type;
        this.coding = coding;
        this.varies = varies;
        this.etag = '"' + Long.toHexString(file.version()) + '"';
        // A date of the future must not be sent (RFC 9110 section 8.8.2.1); the field holds whole seconds.
        long millis = Math.min(file.modifiedMillis(), request.receivedMillis());
        this.modifiedMillis = Math.floorDiv(millis, 1000L) * 1000;
    }

    Response response() {
        return switch (Preconditions.evaluate(request, etag, modifiedMillis)) {
            case FAILED -> Response.text(412, "412 Precondition Failed: the file is another one now\n");
            case NOT_MODIFIED -> validators(304).build();
            case PROCEED -> ranges();
        };
    }

    private Response ranges() {
        List<String> range = request.headers("Range");
        // Of ranges RFC 9110 section 14.2 speaks for GET alone.
        if (range.size() != 1
                || !request.method().equals("GET")
                || !Preconditions.rangeCounts(request, etag, modifiedMillis)) {
            return whole();
        }
        return switch (ByteRanges.parse(range.getFirst(), file.sizeBytes())) {
            case ByteRanges.Whole() -> whole();
            case ByteRanges.Unsatisfiable() -> {
                long size = file.sizeBytes();
                yield Response.builder(416)
                        .header("Content-Range", "bytes */" + size)
                        .contentType("text/plain; charset=utf-8")
                        .body("416 Range Not Satisfiable: the file has " + size + " bytes\n")
                        .build();
            }
            case ByteRanges.Some(List<ByteRanges.Range> some) -> some.size() == 1 ? part(some.getFirst()) : parts(some);
        };
    }

    private Response whole() {
        Response.Builder builder = representation(200).contentType(type);
        if (!request.method().equals("HEAD")) {
            byte[] small = kept.small();
            if (small != null) {
                Response whole = builder.body(small).build();
                if (coding == null && isUnconditional(request)) {
                    kept.response(whole);
                }
                return whole;
            }
        }
        return regions(builder, List.of(new Part.Region(new FileRegion(file, 0, file.sizeBytes()))));
    }

    /** Whether every such request for a file has the same answer: it asks for all of it, whatever the client has. */
    static boolean isUnconditional(Request request) {
        return request.method().equals("GET")
                && request.header("Range") == null
                && request.header("If-None-Match") == null
                && request.header("If-Modified-Since") == null
                && request.header("If-Match") == null
                && request.header("If-Unmodified-Since") == null;
    }

    private Response regions(Response.Builder builder, List<Part> parts) {
        return builder.parts(parts, file.retain(), io).build();
    }

    private Response part(ByteRanges.Range range) {
        return regions(
                representation(206).contentType(type).header("Content-Range", range.of(file.sizeBytes())),
                List.of(new Part.Region(new FileRegion(file, range.first(), range.length()))));
    }

    private Response parts(List<ByteRanges.Range> ranges) {
        // Bytes of the file can't be made to hold it: it depends on when they were last changed, and on now.
        long mark = (file.version() ^ request.receivedMillis()) * 0x9e3779b97f4a7c15L;
        String boundary = "sluice-" + Long.toHexString(file.version()) + Long.toHexString(mark);
        List<Part> parts = new ArrayList<>(2 * ranges.size() + 1);
        for (ByteRanges.Range range : ranges) {
            parts.add(text("\r\n--" + boundary
                    + "\r\nContent-Type: " + type
                    + "\r\nContent-Range: " + range.of(file.sizeBytes()) + "\r\n\r\n"));
            parts.add(new Part.Region(new FileRegion(file, range.first(), range.length())));
        }
        parts.add(text("\r\n--" + boundary + "--\r\n"));
        return regions(representation(206).contentType("multipart/byteranges; boundary=" + boundary), parts);
    }

    private static Part text(String text) {
        return new Part.Bytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Response.Builder representation(int status) {
        Response.Builder builder = validators(status).header("Accept-Ranges", "bytes");
        if (coding != null) {
            builder.header("Content-Encoding", coding.token);
        }
        return builder;
    }

    /** What 304 says too (RFC 9110 section 15.4.5). */
    private Response.Builder validators(int status) {
        Response.Builder builder =
                Response.builder(status).header("ETag", etag).header("Last-Modified", HttpDate.format(modifiedMillis));
        if (varies) {
            builder.header("Vary", "Accept-Encoding");
        }
        return builder;
    }
}

package dev.sluice.http;

import dev.sluice.Directory;
import dev.sluice.Directory.Entry;
import dev.sluice.Directory.Lookup;
import dev.sluice.Directory.Outcome;
import dev.sluice.Files;
import dev.sluice.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers GET and HEAD with the files below a directory: index pages, listings, conditional requests, byte ranges,
 * compressed siblings. Files whose name, or any directory's on the way, starts with a dot are not there.
 *
 * <p>Give it to {@link HttpService.Builder#headHandler}, since what a request carries in its body doesn't matter here. The
 * directory is opened once, with the first request, and confines every look-up by the kernel's own check; what stands at
 * its path later is of no account. Looking up and opening may wait for the disk, on the thread that runs the handler.
 */
public final class StaticFiles implements Handler, AutoCloseable {
    private static final String ALLOW = "GET, HEAD, OPTIONS";
    private static final String INDEX = "index.html";
    private static final int LISTING_LIMIT = 10_000;

    private static final Response METHODS =
            Response.builder(204).header("Allow", ALLOW).build();
    private static final Response NOT_ALLOWED =
            refusal(405, "only GET and HEAD").header("Allow", ALLOW).build();
    private static final Response NOT_FOUND = refusal(404, "no such file").build();
    /** Nothing for a log: clients can bring it about, with as many requests as they like. */
    private static final Response EXHAUSTED =
            refusal(503, "no descriptor is left").header("Retry-After", "1").build();

    private static final Response FORBIDDEN = refusal(403, "not to be read").build();

    private final Path root;
    private final boolean followLinks;
    private final boolean listing;
    private final boolean precompressed;
    private final AtomicReference<@Nullable Directory> directory = new AtomicReference<>();

    private StaticFiles(Builder builder) {
        this.root = builder.root;
        this.followLinks = builder.followLinks;
        this.listing = builder.listing;
        this.precompressed = builder.precompressed;
    }

    /** The files below a directory, links not followed, without listings, with compressed siblings. */
    public static StaticFiles of(Path root) {
        return builder(root).build();
    }

    public static Builder builder(Path root) {
        return new Builder(root);
    }

    @Override
    public Response handle(Request request) throws IOException {
        switch (request.method()) {
            case "GET", "HEAD" -> {}
            case "OPTIONS" -> {
                return METHODS;
            }
            default -> {
                return NOT_ALLOWED;
            }
        }
        return switch (RequestPath.parse(request.path())) {
            case RequestPath.Refused(int status, String reason) ->
                status == 404 ? NOT_FOUND : refusal(status, reason).build();
            case RequestPath.Inside(String relative, boolean isDirectory) ->
                isDirectory ? directory(request, relative) : file(request, relative);
        };
    }

    private Response file(Request request, String relative) throws IOException {
        Lookup lookup = open(request).open(relative, followLinks);
        return switch (lookup.outcome()) {
            case FILE -> found(request, relative, lookup);
            case DIRECTORY -> redirect(request, relative);
            case NOT_FOUND -> NOT_FOUND;
            case FORBIDDEN, SPECIAL -> FORBIDDEN;
            case EXHAUSTED -> EXHAUSTED;
            case ERROR -> throw failed(relative, lookup);
        };
    }

    private Response directory(Request request, String relative) throws IOException {
        String index = relative.isEmpty() ? INDEX : relative + "/" + INDEX;
        Lookup lookup = open(request).open(index, followLinks);
        if (lookup.outcome() == Outcome.FILE) {
            return found(request, index, lookup);
        }
        if (lookup.outcome() == Outcome.ERROR) {
            throw failed(index, lookup);
        }
        if (lookup.outcome() == Outcome.EXHAUSTED) {
            return EXHAUSTED;
        }
        if (listing) {
            Directory.Listing found = open(request).list(relative, followLinks, LISTING_LIMIT);
            switch (found.outcome()) {
                case DIRECTORY -> {
                    return page(relative, found.entries());
                }
                case EXHAUSTED -> {
                    return EXHAUSTED;
                }
                case ERROR -> throw new IOException("listing " + Chars.quote(relative) + " failed: " + found.detail());
                default -> {}
            }
        }
        return lookup.outcome() == Outcome.FORBIDDEN ? FORBIDDEN : NOT_FOUND;
    }

    /** Answers with the file, or with a compressed sibling that the client prefers and that is no older. */
    private Response found(Request request, String relative, Lookup lookup) throws IOException {
        OpenFile file = opened(lookup);
        String type = MediaTypes.of(relative);
        boolean varies = precompressed && MediaTypes.isCompressible(type);
        ContentCoding coding = null;
        try {
            if (varies) {
                for (ContentCoding preferred : ContentCoding.preferred(request.headers("Accept-Encoding"))) {
                    Lookup sibling = open(request).open(relative + preferred.suffix, followLinks);
                    if (sibling.outcome() == Outcome.FILE) {
                        OpenFile compressed = opened(sibling);
                        if (compressed.modifiedMillis() >= file.modifiedMillis()) {
                            file.release();
                            file = compressed;
                            coding = preferred;
                            break;
                        }
                        compressed.release();
                    }
                }
            }
            file.retain(); // the answer's own
            return new FileAnswer(request, file, type, coding, varies).response();
        } finally {
            file.release();
        }
    }

    private static OpenFile opened(Lookup lookup) {
        OpenFile file = lookup.file();
        if (file == null) {
            throw new IllegalStateException("a look-up found a file and brought none");
        }
        return file;
    }

    /** To the name with a slash behind it, against which the page's relative links are right. */
    private static Response redirect(Request request, String relative) {
        StringBuilder location = new StringBuilder();
        for (String name : relative.split("/")) {
            location.append('/').append(RequestPath.escape(name));
        }
        location.append('/');
        String query = request.query();
        if (query != null) {
            location.append('?').append(query);
        }
        return Response.builder(301)
                .header("Location", location.toString())
                .contentType("text/plain; charset=utf-8")
                .body("301 Moved Permanently: a directory's name ends with a slash\n")
                .build();
    }

    private static Response page(String relative, List<Entry> entries) {
        String path = relative.isEmpty() ? "/" : "/" + relative + "/";
        return Response.builder(200)
                .contentType("text/html; charset=utf-8")
                .header("Cache-Control", "no-cache")
                // A file's name is another's text: nothing in the page may run.
                .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                .body(DirectoryPage.render(path, entries, entries.size() == LISTING_LIMIT))
                .build();
    }

    private static Response.Builder refusal(int status, String why) {
        return Response.builder(status)
                .contentType("text/plain; charset=utf-8")
                .body(status + " " + Status.reason(status) + ": " + why + "\n");
    }

    private static IOException failed(String relative, Lookup lookup) {
        return new IOException("opening " + Chars.quote(relative) + " failed: " + lookup.detail());
    }

    private Directory open(Request request) {
        Directory open = directory.get();
        return open != null ? open : open(request.files());
    }

    /** No lock: several first requests may each open it, and all but one close theirs again. */
    private Directory open(Files files) {
        Directory mine = files.directory(root);
        if (directory.compareAndSet(null, mine)) {
            return mine;
        }
        mine.close();
        Directory other = directory.get();
        if (other == null) {
            throw new IllegalStateException("closed while a request is answered");
        }
        return other;
    }

    /** Closes the directory; after the server has stopped. */
    @Override
    public void close() {
        Directory open = directory.getAndSet(null);
        if (open != null) {
            open.close();
        }
    }

    /** Collects the options. Not safe for use from several threads. */
    public static final class Builder {
        private final Path root;
        private boolean followLinks;
        private boolean listing;
        private boolean precompressed = true;

        private Builder(Path root) {
            this.root = root;
        }

        /** Whether symbolic links are followed, as far as they stay below the directory; otherwise they are refused. */
        public Builder followLinks(boolean follow) {
            this.followLinks = follow;
            return this;
        }

        /** Whether a directory without an index page is answered with a list of what is in it. */
        public Builder listing(boolean list) {
            this.listing = list;
            return this;
        }

        /** Whether {@code NAME.br} and {@code NAME.gz} are sent in the place of {@code NAME} to who prefers them. */
        public Builder precompressed(boolean send) {
            this.precompressed = send;
            return this;
        }

        public StaticFiles build() {
            return new StaticFiles(this);
        }
    }
}

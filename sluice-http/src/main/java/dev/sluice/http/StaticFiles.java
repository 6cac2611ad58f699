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
 * its path later is of no account. Looking up and opening may wait for the disk, on the thread that runs the handler; how
 * files are read says {@link Builder#fileIo}.
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
    private final FileIo io;
    private final FileCache cache;
    private final AtomicReference<@Nullable Directory> directory = new AtomicReference<>();

    private StaticFiles(Builder builder) {
        this.root = builder.root;
        this.followLinks = builder.followLinks;
        this.listing = builder.listing;
        this.precompressed = builder.precompressed;
        this.io = builder.io;
        this.cache = new FileCache(builder.kept);
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
        Found found = find(request, relative);
        return switch (found.outcome) {
            case FILE -> found(request, relative, found.opened());
            case DIRECTORY -> redirect(request, relative);
            case NOT_FOUND -> NOT_FOUND;
            case FORBIDDEN, SPECIAL -> FORBIDDEN;
            case EXHAUSTED -> EXHAUSTED;
            case ERROR -> throw failed(relative, found);
        };
    }

    /** What a name leads to; the caller owns a reference to the file, if it is one. */
    private record Found(Outcome outcome, @Nullable KeptFile file, String detail) {
        KeptFile opened() {
            if (file == null) {
                throw new IllegalStateException("a look-up found a file and brought none");
            }
            return file;
        }
    }

    private Found find(Request request, String relative) {
        long now = request.receivedNanos();
        KeptFile known = cache.find(relative, now);
        if (known != null) {
            return new Found(Outcome.FILE, known, "");
        }
        Lookup lookup = open(request).open(relative, followLinks);
        if (lookup.outcome() == Outcome.EXHAUSTED && cache.clear()) {
            lookup = open(request).open(relative, followLinks);
        }
        OpenFile file = lookup.file();
        if (file == null) {
            return new Found(lookup.outcome(), null, lookup.detail());
        }
        KeptFile fresh = new KeptFile(relative, file, now);
        if (fresh.hasRested(request.receivedMillis())) {
            cache.keep(fresh, now);
        }
        return new Found(Outcome.FILE, fresh, "");
    }

    private Response directory(Request request, String relative) throws IOException {
        String index = relative.isEmpty() ? INDEX : relative + "/" + INDEX;
        Found found = find(request, index);
        return switch (found.outcome) {
            case FILE -> found(request, index, found.opened());
            case EXHAUSTED -> EXHAUSTED;
            case ERROR -> throw failed(index, found);
            default -> listing ? list(request, relative, found.outcome) : withoutPage(found.outcome);
        };
    }

    private Response list(Request request, String relative, Outcome index) throws IOException {
        Directory.Listing found = open(request).list(relative, followLinks, LISTING_LIMIT);
        return switch (found.outcome()) {
            case DIRECTORY -> page(relative, found.entries());
            case EXHAUSTED -> EXHAUSTED;
            case ERROR -> throw new IOException("listing " + Chars.quote(relative) + " failed: " + found.detail());
            default -> withoutPage(index);
        };
    }

    /** @param index how the look-up of its page ended */
    private static Response withoutPage(Outcome index) {
        return index == Outcome.FORBIDDEN ? FORBIDDEN : NOT_FOUND;
    }

    /** Answers with the file, or with a compressed sibling that the client prefers and that is no older; releases it. */
    private Response found(Request request, String relative, KeptFile found) {
        KeptFile file = found;
        String type = MediaTypes.of(relative);
        boolean varies = precompressed && MediaTypes.isCompressible(type);
        ContentCoding coding = null;
        try {
            if (varies) {
                for (ContentCoding preferred : ContentCoding.preferred(request.headers("Accept-Encoding"))) {
                    KeptFile compressed = find(request, relative + preferred.suffix).file;
                    if (compressed != null && compressed.file.modifiedMillis() >= file.file.modifiedMillis()) {
                        file.file.release();
                        file = compressed;
                        coding = preferred;
                        break;
                    }
                    if (compressed != null) {
                        compressed.file.release();
                    }
                }
            }
            Response again = coding == null ? file.response() : null;
            if (again != null && FileAnswer.isUnconditional(request)) {
                return again;
            }
            return new FileAnswer(request, file, io, type, coding, varies).response();
        } finally {
            file.file.release();
        }
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

    private static IOException failed(String relative, Found found) {
        return new IOException("opening " + Chars.quote(relative) + " failed: " + found.detail);
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

    /** Closes the files that are kept and not being sent. */
    void forget() {
        cache.clear();
    }

    /** Closes the directory and the files that are kept; after the server has stopped. */
    @Override
    public void close() {
        cache.close();
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
        private FileIo io = FileIo.SENDFILE;
        private int kept;

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

        /**
         * How files get from the disk to a connection; {@link FileIo#SENDFILE} unless set. Give the server {@link FileIo#engine} as
         * its {@link dev.sluice.Options#disk} with it, and here what {@link FileIo#on} makes of it.
         */
        public Builder fileIo(FileIo fileIo) {
            this.io = fileIo;
            return this;
        }

        /**
         * Keeps files that were asked for lately open, and the bytes of those up to 16 KiB, if they have rested for two
         * seconds. One that is changed, replaced or removed is seen at once; one whose name leads elsewhere for another
         * reason (a directory above was renamed) after a second.
         *
         * @param most how many, one descriptor and at most 16 KiB each; 0 for none, which is the default
         */
        public Builder keep(int most) {
            if (most < 0) {
                throw new IllegalArgumentException("files to keep: " + most + ", must not be negative");
            }
            this.kept = most;
            return this;
        }

        public StaticFiles build() {
            return new StaticFiles(this);
        }
    }
}

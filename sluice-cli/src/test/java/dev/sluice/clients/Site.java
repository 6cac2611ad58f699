package dev.sluice.clients;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** A folder to be served, and beside it a secret that must never be. The tests of a process share one. */
final class Site {
    static final String HELLO = "hello, world\n";
    static final String SECRET = "the-secret-outside";
    static final String HIDDEN = "the-hidden-inside";
    static final int LARGE_BYTES = 3_000_017;
    static final long HUGE_BYTES = 1L << 30;
    static final int IMAGES = 100;

    final Path root;
    final byte[] large = new byte[LARGE_BYTES];

    private Site(Path temp) throws IOException {
        this.root = temp.resolve("site");
        write(temp);
    }

    /** Made when it is first asked for, and gone with the process. */
    static Site shared() {
        return Shared.SITE;
    }

    /** What lies beside the folder. */
    Path beside(String name) {
        return root.resolveSibling(name);
    }

    private static final class Shared {
        static final Site SITE = make();

        private static Site make() {
            try {
                Path temp = Files.createTempDirectory("sluice-site-");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(temp)));
                return new Site(temp);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path temp) throws IOException {
        Files.createDirectories(root.resolve("sub"));
        Files.createDirectories(root.resolve(".git"));
        Files.createDirectories(temp.resolve("outside"));
        Files.writeString(temp.resolve("outside/secret.txt"), SECRET);
        Files.writeString(temp.resolve("secret.txt"), SECRET);
        Files.writeString(root.resolve(".git/config"), HIDDEN);
        Files.writeString(root.resolve(".env"), HIDDEN);
        Files.createSymbolicLink(root.resolve("leak"), Path.of("../outside"));
        Files.createSymbolicLink(
                root.resolve("leak.txt"), temp.resolve("secret.txt").toAbsolutePath());
        Files.writeString(root.resolve("index.html"), "<!DOCTYPE html><title>site</title>");
        Files.writeString(root.resolve("hello.txt"), HELLO);
        Files.writeString(root.resolve("sub/page.html"), "<p>page");
        new Random(7).nextBytes(large);
        Files.write(root.resolve("large.bin"), large);
        try (RandomAccessFile huge =
                new RandomAccessFile(root.resolve("huge.bin").toFile(), "rw")) {
            huge.setLength(HUGE_BYTES); // a hole: it takes no room
        }
        String script = "let filler = 0;\n".repeat(1000);
        Files.writeString(root.resolve("app.js"), script);
        Files.write(root.resolve("app.js.gz"), gzip(script));
        gallery();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** A page of images that says in its own text how many of them a browser could draw. */
    private void gallery() throws IOException {
        Files.createDirectories(root.resolve("images"));
        StringBuilder page = new StringBuilder("<!DOCTYPE html><meta charset=\"utf-8\"><title>gallery</title>\n");
        for (int i = 0; i < IMAGES; i++) {
            // Of several sizes, so that some are sent with their head and others from the file.
            String filler = "<!-- " + "x".repeat(i * 400) + " -->";
            Files.writeString(
                    root.resolve("images/" + i + ".svg"),
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + (i + 1) + "\" height=\"7\">" + filler
                            + "<rect width=\"100%\" height=\"100%\" fill=\"#08f\"/></svg>");
            page.append("<img src=\"images/")
                    .append(i)
                    .append(".svg\" data-width=\"")
                    .append(i + 1)
                    .append("\">\n");
        }
        page.append("<p id=\"result\">loading</p>\n<script>\n")
                .append("addEventListener('load', () => {\n")
                .append("  const drawn = [...document.images].filter(i => i.naturalWidth == i.dataset.width);\n")
                .append("  document.getElementById('result').textContent = 'loaded ' + drawn.length;\n")
                .append("});\n</script>\n");
        Files.writeString(root.resolve("gallery.html"), page);
    }
}

package dev.sluice.lab.compare;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The comparison's own folders. */
final class Folders {
    private Folders() {}

    /**
     * The files that the servers serve at a point, made where they aren't there yet: the same bytes each time, and none that
     * could be compressed.
     *
     * @param parent where each set of files gets a folder of its own
     */
    static Path site(Path parent, Workload workload) throws IOException {
        Path folder = parent.resolve("site-" + workload.siteFiles() + "x" + workload.siteBytes());
        if (Files.exists(folder)) {
            return folder;
        }
        Files.createDirectories(folder);
        Random random = new Random(1);
        for (int i = 0; i < workload.siteFiles(); i++) {
            byte[] content = new byte[workload.siteBytes()];
            random.nextBytes(content);
            Files.write(folder.resolve("f" + i), content);
        }
        return folder;
    }

    /** Deletes a folder and all in it; nothing where it isn't. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

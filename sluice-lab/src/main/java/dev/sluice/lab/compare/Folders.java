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

    /** Makes the files that the servers serve: the same bytes each time, and none that could be compressed. */
    static void site(Path folder, Workload workload) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(1);
        for (int i = 0; i < workload.siteFiles(); i++) {
            byte[] content = new byte[workload.siteBytes()];
            random.nextBytes(content);
            Files.write(folder.resolve("f" + i), content);
        }
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

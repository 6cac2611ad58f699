package dev.sluice.lab.compare;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of the machine, found by name. */
final class Programs {
    /** Where servers are installed, which is not on everyone's PATH. */
    private static final List<String> FURTHER = List.of("/usr/sbin", "/usr/local/sbin");

    private Programs() {}

    static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), FURTHER.stream())
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
                .findFirst();
    }
}

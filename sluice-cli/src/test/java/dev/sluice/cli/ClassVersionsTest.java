package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClassVersionsTest {
    /** The last version that the JVM verifies without stack maps if it must (JVMS 4.10). */
    private static final int OLD = 50;

    @Test
    void classesAreRaisedAndStillVerify(@TempDir Path folder) throws Exception {
        Path original = Path.of(CommandLine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = Files.copy(original, folder.resolve("picocli.jar"));

        ClassVersions.raise(jar);

        try (JarFile before = new JarFile(original.toFile());
                JarFile after = new JarFile(jar.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            List<String> names = before.stream().map(JarEntry::getName).toList();
            assertThat(after.stream().map(JarEntry::getName)).containsExactlyElementsOf(names);
            List<String> classes = names.stream()
                    .filter(name -> name.startsWith("picocli/") && name.endsWith(".class"))
                    .toList();
            assertThat(classes).isNotEmpty();
            for (String name : classes) {
                assertThat(version(before, name)).isLessThan(OLD);
                assertThat(version(after, name)).isGreaterThan(OLD);
                String type = name.replace(".class", "").replace('/', '.');
                assertThat(Class.forName(type, true, loader).getClassLoader()).isSameAs(loader);
            }
        }
    }

    private static int version(JarFile jar, String name) throws Exception {
        try (InputStream content = jar.getInputStream(jar.getEntry(name))) {
            return ClassFile.of().parse(content.readAllBytes()).majorVersion();
        }
    }
}

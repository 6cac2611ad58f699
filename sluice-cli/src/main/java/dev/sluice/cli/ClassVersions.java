package dev.sluice.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Raises the version of old class files in a jar, for {@code ./sluice}. A class from before version 50 (Java 6) has no
 * stack maps: the JVM verifies it the slow way, and JDK 25 stores none in an AOT cache. Picocli's are of version 49, and
 * loading them anew took a sixth of a server's start.
 */
public final class ClassVersions {
    /** The first version with stack maps that every class must have (JVMS 4.10.1). */
    private static final int WITH_STACK_MAPS = 51;

    private ClassVersions() {}

    /**
     * Rewrites jars in place.
     *
     * @param jars their paths
     * @throws IOException where one can't be read or written; it is as it was then
     */
    public static void main(String[] jars) throws IOException {
        for (String jar : jars) {
            raise(Path.of(jar));
        }
    }

    static void raise(Path jar) throws IOException {
        Path raised = Files.createTempFile(jar.toAbsolutePath().getParent(), "raised", null);
        try {
            copy(jar, raised);
            Files.move(raised, jar, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(raised);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (JarFile jar = new JarFile(from.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {from.toUri().toURL()}, null);
                OutputStream file = Files.newOutputStream(to);
                JarOutputStream out = new JarOutputStream(file)) {
            ClassFile format = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : Collections.list(jar.entries())) {
                byte[] content = jar.getInputStream(entry).readAllBytes();
                JarEntry copy = new JarEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                out.putNextEntry(copy);
                out.write(entry.getName().endsWith(".class") ? raised(format, content) : content);
            }
        }
    }

    private static byte[] raised(ClassFile format, byte[] content) {
        ClassModel model = format.parse(content);
        if (model.majorVersion() >= WITH_STACK_MAPS) {
            return content;
        }
        // Code that is copied as it is gets no stack maps, so each element is taken apart and put together again.
        return format.transformClass(
                model,
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                        .andThen(ClassTransform.endHandler(builder -> builder.withVersion(WITH_STACK_MAPS, 0))));
    }
}

package dev.sluice.threading;

import dev.sluice.ServiceProvider;
import dev.sluice.os.Spawn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How a worker process is started: this JVM again, made small, with the class or module path of this process. */
final class WorkerCommand {
    /** Descriptors that a worker finds; 0 is an empty input, 1 and 2 lead to the master's log. */
    static final int CONTROL = 3;

    static final int LISTENER = 4;

    private static final String SERIAL_GC = "-XX:+UseSerialGC";

    /** For one connection at a time. */
    static final List<String> SMALL = List.of(
            "-Xmx64m",
            "-Xss256k",
            SERIAL_GC,
            "-XX:TieredStopAtLevel=1",
            // Where this JVM has another collector, its AOT cache doesn't fit, and each worker would say so.
            "-Xlog:aot=off",
            // A worker that is killed would leave its file of counters behind.
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError");

    /** For a whole server, of which there are many: a collector without threads, and a heap that starts small. */
    static final List<String> SERVING = List.of(
            // With room, beside a nursery of 16 MiB, for the objects of an AOT cache: a JVM without it would not start.
            "-Xms32m",
            SERIAL_GC,
            // The AOT cache where it was stored for: moved elsewhere, its pages are a private copy, of 8 MB.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError");

    private static final Set<String> TWO_WORDS = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--add-modules",
            "--add-opens",
            "--add-exports");

    private WorkerCommand() {}

    static Spawn.Command of(WorkerKind kind, Class<? extends ServiceProvider> provider, List<Integer> descriptors) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> line = new ArrayList<>();
        line.add(java.toString());
        List<String> own = ownFlags(ProcessHandle.current().info().arguments().orElse(new String[0]), kind.ownFlags());
        // Two collectors are one too many for a JVM to start.
        boolean collector = own.stream().anyMatch(flag -> flag.matches("-XX:\\+Use\\w+GC"));
        kind.flags().stream()
                .filter(flag -> !collector || !flag.equals(SERIAL_GC))
                .forEach(line::add);
        line.addAll(own);
        if (WorkerCommand.class.desiredAssertionStatus()) {
            line.add("-ea");
        }
        String classPath = System.getProperty("java.class.path", "");
        if (!classPath.isEmpty()) {
            line.add("-cp");
            line.add(classPath);
        }
        Module module = WorkerCommand.class.getModule();
        String main = kind.main().getName();
        if (module.isNamed()) {
            String modulePath = System.getProperty("jdk.module.path", "");
            if (!modulePath.isEmpty()) {
                line.add("--module-path");
                line.add(modulePath);
            }
            if (provider.getModule().isNamed()) {
                line.add("--add-modules");
                line.add(provider.getModule().getName());
            }
            line.add("--enable-native-access=dev.sluice.os");
            line.add("--module");
            line.add(module.getName() + "/" + main);
        } else {
            line.add("--enable-native-access=ALL-UNNAMED");
            line.add(main);
        }
        return new Spawn.Command(java, line, System.getenv(), descriptors, null, true);
    }

    /**
     * What of this JVM's own command line goes to a worker: what makes it start faster, or is meant for Sluice.
     *
     * @param all also what sets its memory, its collector and its compilers
     */
    static List<String> ownFlags(String[] arguments, boolean all) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (TWO_WORDS.contains(argument)) {
                i++;
                if (argument.equals("--add-opens") && i < arguments.length) {
                    kept.add(argument + "=" + arguments[i]);
                }
            } else if (!argument.startsWith("-") && !argument.startsWith("@")) {
                break; // the main class, and what follows is its own
            } else if (argument.startsWith("-XX:AOTCache=")
                    // A JVM takes another's AOT cache only where these are the same.
                    || argument.startsWith("--add-opens=")
                    || argument.equals("-XX:+UseCompactObjectHeaders")
                    || argument.startsWith("-Dsluice.")
                    || all && forEveryProcess(argument)) {
                kept.add(argument);
            }
        }
        return kept;
    }

    private static boolean forEveryProcess(String flag) {
        return flag.matches("-Xm[nsx].*|-Xss.*|-Xint|-Xcomp|-Xlog:aot.*|-XX:.*")
                && !flag.startsWith("-XX:AOTMode=")
                && !flag.startsWith("-XX:AOTConfiguration=");
    }
}

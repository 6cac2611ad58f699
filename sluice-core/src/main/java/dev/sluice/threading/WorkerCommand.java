package dev.sluice.threading;

import dev.sluice.ServiceProvider;
import dev.sluice.os.Spawn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a worker of {@code prefork} is started: this JVM again, made small, with the class or module path of this process. */
final class WorkerCommand {
    /** Descriptors that a worker finds; 0 is an empty input, 1 and 2 lead to the master's log. */
    static final int CONTROL = 3;

    static final int LISTENER = 4;

    private static final List<String> SMALL = List.of(
            "-Xmx64m",
            "-Xss256k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            // A worker that is killed would leave its file of counters behind.
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError");

    private WorkerCommand() {}

    static Spawn.Command of(Class<? extends ServiceProvider> provider, List<Integer> descriptors) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> line = new ArrayList<>();
        line.add(java.toString());
        line.addAll(SMALL);
        line.addAll(inherited());
        if (WorkerCommand.class.desiredAssertionStatus()) {
            line.add("-ea");
        }
        String classPath = System.getProperty("java.class.path", "");
        if (!classPath.isEmpty()) {
            line.add("-cp");
            line.add(classPath);
        }
        Module own = WorkerCommand.class.getModule();
        String main = PreforkWorker.class.getName();
        if (own.isNamed()) {
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
            line.add(own.getName() + "/" + main);
        } else {
            line.add("--enable-native-access=ALL-UNNAMED");
            line.add(main);
        }
        return new Spawn.Command(java, line, System.getenv(), descriptors, null, true);
    }

    /** What of this JVM's own command line makes a worker start faster, or is meant for Sluice. */
    private static List<String> inherited() {
        String[] all = ProcessHandle.current().info().arguments().orElse(new String[0]);
        List<String> kept = new ArrayList<>();
        for (String argument : all) {
            if (!argument.startsWith("-")) {
                break; // the main class, and what follows is its own
            }
            if (argument.startsWith("-XX:SharedArchiveFile=")
                    || argument.startsWith("-Xlog:cds")
                    || argument.startsWith("-Dsluice.")) {
                kept.add(argument);
            }
        }
        return kept;
    }
}

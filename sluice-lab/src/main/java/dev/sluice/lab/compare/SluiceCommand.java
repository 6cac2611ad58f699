package dev.sluice.lab.compare;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a process starts another of itself: this JVM, its flags and its class path. */
public final class SluiceCommand {
    private SluiceCommand() {}

    /** The command, to which a sub-command and its options are to be added. */
    public static List<String> of(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        // A process that is killed would leave its file of counters behind.
        command.add("-XX:-UsePerfData");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        return command;
    }
}

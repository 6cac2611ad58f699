package dev.sluice.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's start. */
@Command(name = "sluice", mixinStandardHelpOptions = true)
public final class Main implements Runnable {
    private Main() {}

    @Override
    public void run() {
        PrintStream out = System.out;
        new CommandLine(this).usage(out);
    }

    /**
     * Runs one command and ends the process with its exit status.
     *
     * @param arguments the command's name and its options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}

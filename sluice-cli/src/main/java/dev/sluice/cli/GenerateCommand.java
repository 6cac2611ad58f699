package dev.sluice.cli;

import dev.sluice.lab.load.LoadResult;
import dev.sluice.lab.load.LoadRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code sluice load} for {@code sluice compare}: it prints a line when measuring begins and when it ends, then goes on
 * until a byte of standard input or its end, and prints its result as JSON.
 */
@Command(name = "generate", hidden = true, description = "sluice load, as sluice compare drives it.")
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "URL")
    private String url = "";

    @Mixin
    private LoadOptions options = new LoadOptions();

    /** For picocli. */
    GenerateCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch finish = new CountDownLatch(1);
        LoadRun run = new LoadRun(options.load(url), _ -> {}, new Spoken(out, finish), Main.command());
        Runnable end = () -> {
            finish.countDown();
            run.stop();
        };
        Signals.onStop(end); // a terminal's Ctrl-C comes here too, and what was seen so far is still of use
        Thread.ofPlatform().daemon().name("sluice-control").start(() -> awaitInput(end));
        LoadResult result = run.run();
        out.println(result.toJson());
        out.flush();
        return ExitCode.OK;
    }

    /** Whoever started this process says so when it is to finish, or is gone itself, at whatever moment. */
    private static void awaitInput(Runnable end) {
        try {
            int _ = System.in.read();
        } catch (IOException e) {
            // What can't be read has ended.
        }
        end.run();
    }

    /** The marks as lines. */
    private record Spoken(PrintWriter out, CountDownLatch finish) implements LoadRun.Marks {
        @Override
        public void measuring() {
            out.println("measuring");
            out.flush();
        }

        @Override
        public void measured() {
            out.println("measured");
            out.flush();
            try {
                finish.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

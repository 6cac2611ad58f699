package dev.sluice.cli;

import dev.sluice.lab.load.LoadResult;
import dev.sluice.lab.load.LoadRun;
import dev.sluice.lab.load.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code sluice load} for {@code sluice compare}: it prints a line when measuring begins and when it ends, then goes on
 * until a byte of standard input or its end, and prints its result as JSON. Where its idle connections make a request, it tells
 * when all have, and holds them to the end of standard input.
 */
@Command(name = "generate", hidden = true, description = "sluice load, as sluice compare drives it.")
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "URL")
    private String url = "";

    @Option(names = "--progress", description = "Prints how many connections are established, about once a second.")
    private boolean progress;

    @Mixin
    private LoadOptions options = new LoadOptions();

    /** For picocli. */
    GenerateCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        LoadRun run = new LoadRun(
                options.load(url),
                progress ? told -> connected(out, told) : _ -> {},
                new Spoken(out, finish, leave),
                Main.command());
        Runnable end = () -> {
            finish.countDown();
            run.stop();
        };
        Signals.onStop(
                () -> { // a terminal's Ctrl-C comes here too, and what was seen so far is still of use
                    end.run();
                    leave.countDown();
                });
        Thread.ofPlatform().daemon().name("sluice-control").start(() -> awaitInput(end, leave));
        LoadResult result = run.run();
        out.println(result.toJson());
        out.flush();
        return ExitCode.OK;
    }

    private static void connected(PrintWriter out, Progress told) {
        if (told.wantedCount() > 0) {
            out.println("connected " + told.connectedCount());
            out.flush();
        }
    }

    /** Whoever started this process says so when it is to finish, or is gone itself, at whatever moment. */
    private static void awaitInput(Runnable end, CountDownLatch leave) {
        try {
            int read = System.in.read();
            end.run();
            while (read >= 0) {
                read = System.in.read();
            }
        } catch (IOException e) {
            // What can't be read has ended.
            end.run();
        }
        leave.countDown();
    }

    /** The marks as lines. */
    private record Spoken(PrintWriter out, CountDownLatch finish, CountDownLatch leave) implements LoadRun.Marks {
        @Override
        public void measuring() {
            out.println("measuring");
            out.flush();
        }

        @Override
        public void measured() {
            out.println("measured");
            out.flush();
            await(finish);
        }

        @Override
        public void asked(String latencies) {
            out.println("asked " + latencies);
            out.flush();
            await(leave);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

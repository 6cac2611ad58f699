package dev.sluice.cli;

import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.lab.compare.Choice;
import dev.sluice.lab.compare.Variant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which servers are compared. */
final class ContenderOptions {
    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--models",
            paramLabel = "MODEL",
            split = ",",
            completionCandidates = ModelNames.class,
            description = "Which models (default: all that this machine can run).")
    private List<String> models = List.of();

    @Option(
            names = "--loops",
            paramLabel = "N",
            split = ",",
            description = "Event loops of each server; several numbers compare them, as in 1,2 (default: 1).")
    private List<Integer> loops = List.of(1);

    @Option(
            names = "--workers",
            paramLabel = "none|auto|N|virtual",
            split = ",",
            description = "Who runs the handlers; several compare them, as in none,32,virtual (default: none).")
    private List<String> workers = List.of("none");

    @Option(
            names = "--also",
            paramLabel = "SERVER",
            description = "Another server beside them: nginx, or NAME=COMMAND with {port} where the port belongs.")
    private List<String> also = List.of();

    List<Choice> choices() {
        return Choice.all(models(), variants());
    }

    private List<Model> models() {
        if (models.isEmpty()) {
            return Models.measurable();
        }
        return models.stream()
                .map(name -> ModelNames.choose(name, this::wrong).model())
                .distinct()
                .toList();
    }

    private List<Variant> variants() {
        List<Variant> all = new ArrayList<>();
        for (int loop : loops) {
            for (String worker : workers) {
                if (loop < 1 || !worker.matches("none|auto|virtual|[1-9][0-9]{0,3}")) {
                    throw wrong(
                            loop < 1
                                    ? "--loops is " + loop + ", must be at least 1"
                                    : "--workers is '" + worker
                                            + "', must be none, auto, virtual or a number up to 9999");
                }
                all.add(new Variant(loop, worker));
            }
        }
        return all.stream().distinct().toList();
    }

    List<String> also() {
        return also;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}

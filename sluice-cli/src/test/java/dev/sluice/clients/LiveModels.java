package dev.sluice.clients;

import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.Models;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Which models the live tests run on, by the system property {@code sluice.tier}. */
final class LiveModels {
    /** What stands for its family, if it runs here; otherwise the family's first that does. */
    private static final List<String> PREFERRED = List.of("threads", "sleep-poll", "epoll", "io_uring");

    private LiveModels() {}

    private static String tier() {
        return System.getProperty("sluice.tier", "plain");
    }

    /** In tier quick one model, in plain one of each family, in full all that this machine can run. */
    static Stream<String> models() {
        List<Model> available =
                Models.all().stream().filter(m -> m.availability().available()).toList();
        return switch (tier()) {
            case "full" -> available.stream().map(Model::name);
            case "quick" -> Stream.of(representative(Family.REACTOR, available));
            default ->
                Stream.of(Family.values())
                        .filter(family -> family != Family.SIMULATION)
                        .map(family -> representative(family, available));
        };
    }

    private static String representative(Family family, List<Model> available) {
        List<String> names = available.stream()
                .filter(m -> m.family() == family)
                .map(Model::name)
                .toList();
        return PREFERRED.stream()
                .filter(names::contains)
                .findFirst()
                .orElseGet(() -> names.stream().findFirst().orElseThrow());
    }

    /** Leaves out what takes seconds while one works. */
    static void notInTierQuick() {
        Assumptions.assumeFalse(tier().equals("quick"), "left out in tier quick; ./check runs it");
    }

    static Model named(String name) {
        return Models.find(name).orElseThrow();
    }
}

package dev.sluice.cli;

import dev.sluice.sim.Beneath;
import dev.sluice.sim.Faults;
import dev.sluice.sim.campaign.Run;
import dev.sluice.sim.scenes.Cast;
import dev.sluice.sim.scenes.Scenes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what a simulated world is like; the seed decides the rest. */
final class SimOptions {
    @Option(
            names = "--faults",
            paramLabel = "off|NAME=RATE,…",
            converter = FaultsConverter.class,
            completionCandidates = FaultNames.class,
            description = "These faults alone, or none: as in loss=0.1,reset=0.05, each with a window in seconds, as in"
                    + " loss=0.1@0.5..2, or without. There are ${COMPLETION-CANDIDATES}"
                    + " (default: what each seed has for it).")
    private @Nullable Faults faults;

    @Option(
            names = "--beneath",
            paramLabel = "WHAT",
            converter = BeneathConverter.class,
            completionCandidates = BeneathNames.class,
            description =
                    "What all loops wait with: ${COMPLETION-CANDIDATES} (default: what each seed has for each host).")
    private @Nullable Beneath beneath;

    @Option(
            names = "--clients",
            paramLabel = "N",
            split = ",",
            description = "Only the clients of these numbers take part, from 1 (default: all that a seed has).")
    private int[] clients = {};

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "Each client makes so many requests at most (default: as many as a seed has).")
    private int requests = Integer.MAX_VALUE;

    /** What is run for each seed. */
    Run run(String service) {
        Cast cast = Cast.ALL.requestsMost(requests);
        if (clients.length > 0) {
            cast = cast.only(Arrays.stream(clients).boxed().collect(Collectors.toCollection(TreeSet::new)));
        }
        return new Run(Scenes.of(service), 0, faults, beneath, cast);
    }

    /** The kinds of faults. */
    static final class FaultNames implements Iterable<String> {
        /** For picocli. */
        FaultNames() {}

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Faults.Kind.values()).map(Faults.Kind::label).iterator();
        }
    }

    /** What loops can wait with. */
    static final class BeneathNames implements Iterable<String> {
        /** For picocli. */
        BeneathNames() {}

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Beneath.values()).map(Beneath::label).iterator();
        }
    }

    /** Reads {@link Faults}. */
    static final class FaultsConverter implements ITypeConverter<Faults> {
        /** For picocli. */
        FaultsConverter() {}

        @Override
        public Faults convert(String text) {
            try {
                return Faults.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Reads {@link Beneath}. */
    static final class BeneathConverter implements ITypeConverter<Beneath> {
        /** For picocli. */
        BeneathConverter() {}

        @Override
        public Beneath convert(String text) {
            try {
                return Beneath.of(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

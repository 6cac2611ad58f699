package dev.sluice.lab.report;

import dev.sluice.lab.report.Ranking.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;

/** What the page cache did to the figures of a disk, in plain words, and what checking the blocks cost. */
final class CacheWords {
    /** Bytes of a file beside it (its own tables, say) make a little of everything. */
    private static final double ALL = 0.99;

    private static final double NONE = 0.01;
    private static final String BUFFERED = "buffered";

    /** What the names of patterns end in whose writes are followed by a sync. */
    private static final String SYNC = "-sync";

    private CacheWords() {}

    /** Sentences; none where nothing is known. */
    static List<String> of(Ranking ranking) {
        List<String> said = new ArrayList<>();
        List<String> cached = names(ranking, share -> share >= ALL);
        List<String> mixed = names(ranking, share -> share > NONE && share < ALL);
        if (!cached.isEmpty()) {
            said.add(
                    Text.list(cached) + " read from the page cache alone: these figures are of memory, not of the disk."
                            + " --drop-cache, or a --size beyond the memory, shows the disk's.");
        }
        if (!mixed.isEmpty()) {
            said.add(Text.list(mixed) + " read partly from the page cache (" + shares(ranking)
                    + "): these figures are a mixture of memory and disk, or of disk and reading ahead.");
        }
        List<String> unsynced = ranking.rows().stream()
                .filter(row -> row.server().family().equals(BUFFERED)
                        && !ranking.preset().endsWith(SYNC)
                        && wrote(row))
                .map(Row::name)
                .toList();
        if (!unsynced.isEmpty()) {
            said.add(Text.list(unsynced) + " wrote into the page cache: a write is over before the disk has it. Direct"
                    + " writes, and those of the patterns with -sync, wait for the disk.");
        }
        pattern(ranking, said);
        return said;
    }

    private static List<String> names(Ranking ranking, DoublePredicate share) {
        return ranking.rows().stream()
                .filter(row -> row.spread(Figure.CACHED) != null
                        && share.test(row.known(Figure.CACHED).median()))
                .map(Row::name)
                .toList();
    }

    private static String shares(Ranking ranking) {
        return Text.list(ranking.rows().stream()
                .filter(row -> row.spread(Figure.CACHED) != null)
                .map(row -> row.known(Figure.CACHED).median())
                .filter(share -> share > NONE && share < ALL)
                .map(Figure.CACHED::text)
                .toList());
    }

    private static boolean wrote(Row row) {
        return row.point().rounds().getFirst().load().sentBytes() > 0;
    }

    private static void pattern(Ranking ranking, List<String> said) {
        List<Double> known = ranking.rows().stream()
                .filter(row -> row.spread(Figure.PATTERN) != null)
                .map(row -> row.known(Figure.PATTERN).median())
                .sorted()
                .toList();
        if (!known.isEmpty()) {
            String least = Figure.PATTERN.text(known.getFirst());
            String most = Figure.PATTERN.text(known.getLast());
            said.add("Filling and checking a block took " + (least.equals(most) ? least : least + " to " + most)
                    + ", which is in the CPU time of an operation.");
        }
    }
}

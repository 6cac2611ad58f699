package dev.sluice.lab.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * One way of running a model.
 *
 * @param loops event loops
 * @param workers who runs the handlers, as {@code --workers} takes it
 */
public record Variant(int loops, String workers) {
    public static final Variant PLAIN = new Variant(1, "none");

    /** The options of {@code sluice serve}. */
    List<String> options() {
        List<String> options = new ArrayList<>();
        if (loops > 1) {
            options.add("--loops=" + loops);
        }
        if (!workers.equals("none")) {
            options.add("--workers=" + workers);
        }
        return options;
    }

    /** What tells it from the plain one in a server's name. */
    String suffix() {
        return (loops > 1 ? " loops=" + loops : "") + (workers.equals("none") ? "" : " workers=" + workers);
    }
}

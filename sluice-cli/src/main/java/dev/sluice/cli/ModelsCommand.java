package dev.sluice.cli;

import dev.sluice.Availability;
import dev.sluice.Model;
import dev.sluice.Models;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice models}. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description =
                "Lists the I/O models: what each is and fits, whether this machine can run it, and if not, why and"
                        + " what to do.",
        footer = {"", "Examples:", "  sluice models", "  sluice models --json | jq '.[] | select(.available) | .name'"})
final class ModelsCommand implements Runnable {
    private static final String ROW = "%-11s %-9s %-4s %s%n";
    private static final String FURTHER = "%27s%s%n";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "As JSON, for programs.")
    private boolean json;

    @Option(names = "--markdown", description = "As the table of the README.")
    private boolean markdown;

    /** For picocli. */
    ModelsCommand() {}

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(
                    Models.all().stream().map(ModelsCommand::json).collect(Collectors.joining(",\n", "[\n", "\n]")));
        } else if (markdown) {
            out.print(markdown());
        } else {
            table(out);
        }
        out.flush();
    }

    private static void table(PrintWriter out) {
        out.printf(ROW, "MODEL", "FAMILY", "HERE", "FITS");
        for (Model model : Models.all()) {
            Availability here = model.availability();
            out.printf(ROW, model.name(), family(model), here.available() ? "yes" : "no", model.fits());
            if (!here.reason().isEmpty()) {
                out.printf(FURTHER, "", (here.available() ? "found: " : "why not: ") + here.reason());
            }
            if (!here.cure().isEmpty()) {
                out.printf(FURTHER, "", "cure: " + here.cure());
            }
        }
        out.println();
        out.println("Next: sluice serve DIR --model NAME. Without --model, 'auto' takes "
                + Models.choose("auto").name() + " here.");
    }

    /** The README's table, which does not depend on the machine. */
    static String markdown() {
        StringBuilder text =
                new StringBuilder("| model | family | what it is | what it fits |\n| --- | --- | --- | --- |\n");
        for (Model model : Models.all()) {
            text.append("| `").append(model.name()).append("` | ").append(family(model));
            text.append(" | ")
                    .append(model.what())
                    .append(" | ")
                    .append(model.fits())
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String family(Model model) {
        return model.family().name().toLowerCase(Locale.ROOT);
    }

    private static String json(Model model) {
        Availability here = model.availability();
        String abilities = model.abilities().stream()
                .map(ability -> quoted(ability.name().toLowerCase(Locale.ROOT).replace('_', '-')))
                .sorted()
                .collect(Collectors.joining(", ", "[", "]"));
        return "  {\"name\": " + quoted(model.name())
                + ", \"family\": " + quoted(family(model))
                + ", \"what\": " + quoted(model.what())
                + ", \"fits\": " + quoted(model.fits())
                + ", \"abilities\": " + abilities
                + ", \"available\": " + here.available()
                + ", \"" + (here.available() ? "found" : "reason") + "\": " + quoted(here.reason())
                + ", \"cure\": " + quoted(here.cure()) + "}";
    }

    /** A JSON string (RFC 8259, section 7). */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}

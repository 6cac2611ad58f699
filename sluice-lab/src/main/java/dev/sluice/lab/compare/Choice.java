package dev.sluice.lab.compare;

import dev.sluice.Model;
import java.util.ArrayList;
import java.util.List;

/** A model, and the way in which it runs. */
public record Choice(Model model, Variant variant) {
    /** Each model in all variants. */
    public static List<Choice> all(List<Model> models, List<Variant> variants) {
        List<Choice> all = new ArrayList<>();
        for (Model model : models) {
            for (Variant variant : variants) {
                all.add(new Choice(model, variant));
            }
        }
        return all;
    }

    /** What stands in a table. */
    public String name() {
        return model.name() + variant.suffix();
    }

    /** The options of {@code sluice serve}. */
    public List<String> options() {
        List<String> options = new ArrayList<>(List.of("--model=" + model.name()));
        options.addAll(variant.options());
        return options;
    }
}

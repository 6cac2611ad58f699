package dev.sluice.lab.advise;

import dev.sluice.Availability;
import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.lab.compare.Choice;
import dev.sluice.lab.compare.SluiceContenders;
import dev.sluice.lab.compare.Variant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What can be said of a model without measuring. The rules read what a model's row in the table says it can; each leaves
 * out what does not fit, with the reason.
 */
public final class Rules {
    /** Beyond so many silent connections, looking at each of them with every wait shows. */
    private static final int MANY_IDLE = 200;

    /** Beyond so many, a thread for each costs more than it gives. */
    private static final int MANY_THREADS = 1000;

    /** What a thread and what a process of a JVM takes at least; measured with compare --preset many-idle. */
    private static final long THREAD_BYTES = 40L << 10;

    private static final long PROCESS_BYTES = 40L << 20;
    private static final int FEW = 16;

    /** The likeliest first: by what a request costs, as measured with compare --preset plaintext (docs/performance.md). */
    private static final List<String> BY_COST = List.of(
            "io_uring",
            "epoll",
            "epoll-et",
            "kqueue",
            "nio",
            "poll",
            "select",
            "virtual",
            "threads",
            "busy-poll",
            "aio",
            "sleep-poll",
            "prefork");

    private static final List<BiFunction<Needs, Model, String>> RULES = List.of(
            Rules::runsHere, Rules::onSystems, Rules::holds, Rules::memory, Rules::idle, Rules::spins, Rules::threads);

    /**
     * What the rules leave.
     *
     * @param choices that may fit, the likeliest first
     * @param out the others, and why
     */
    public record Shortlist(List<Choice> choices, Map<String, String> out) {}

    private Rules() {}

    /** Applies them. */
    public static Shortlist apply(Needs needs) {
        List<Choice> choices = new ArrayList<>();
        Map<String, String> out = new LinkedHashMap<>();
        for (Model model : Models.measurable()) {
            Optional<String> reason = RULES.stream()
                    .map(rule -> rule.apply(needs, model))
                    .filter(why -> !why.isEmpty())
                    .findFirst();
            if (reason.isPresent()) {
                out.put(model.name(), reason.get());
            } else {
                choices.addAll(variants(needs, model));
            }
        }
        choices.sort(Comparator.comparingInt(choice -> place(needs, choice)));
        return new Shortlist(choices, out);
    }

    /** What a model with these words was chosen for, for people. */
    public static String why(Needs needs, Choice choice) {
        if (needs.handlersWait()) {
            return choice.variant().workers().equals("none")
                    ? "a handler that waits holds up no other here, without a hand-over"
                    : "handlers that wait do so on workers, so that they hold up no loop";
        }
        return "it fits " + choice.model().fits();
    }

    private static String runsHere(Needs needs, Model model) {
        Availability here = model.availability();
        return here.available() ? "" : "this machine can't run it: " + here.reason();
    }

    private static String onSystems(Needs needs, Model model) {
        if (needs.systems().contains("windows") && !model.can(Ability.ON_WINDOWS)) {
            return "it does not run on Windows";
        }
        return needs.systems().contains("macos") && !model.can(Ability.ON_MACOS) ? "it does not run on macOS" : "";
    }

    private static String holds(Needs needs, Model model) {
        return SluiceContenders.cannotHold(model, needs.connectionsCount());
    }

    private static String memory(Needs needs, Model model) {
        Long limit = needs.memoryBytes();
        if (limit == null || model.can(Ability.LOOPS)) {
            return "";
        }
        boolean threads = model.can(Ability.ONE_PROCESS);
        long each = threads ? THREAD_BYTES : PROCESS_BYTES;
        return each * needs.connectionsCount() <= limit
                ? ""
                : "a " + (threads ? "thread" : "process") + " for each of " + needs.connectionsCount()
                        + " connections takes more than " + (limit >> 20) + " MiB";
    }

    private static String idle(Needs needs, Model model) {
        int idle = needs.connectionsCount() - needs.activeCount();
        return idle > MANY_IDLE && !model.can(Ability.FREE_IDLE)
                ? "each of its waits looks at all " + idle + " silent connections"
                : "";
    }

    private static String spins(Needs needs, Model model) {
        return model.family() == Family.POLLING && !spinsWell(needs)
                ? "it asks every connection again and again: that suits up to " + FEW + " that are always busy"
                : "";
    }

    private static boolean spinsWell(Needs needs) {
        return needs.connectionsCount() <= FEW && needs.ratePerSecond() == 0 && !needs.handlersWait();
    }

    private static String threads(Needs needs, Model model) {
        return !model.can(Ability.LOOPS) && needs.activeCount() > MANY_THREADS
                ? "more than " + MANY_THREADS + " active connections with a thread each"
                : "";
    }

    /** A loop whose handlers wait needs workers; a blocking model waits where it is. */
    private static List<Choice> variants(Needs needs, Model model) {
        if (!needs.handlersWait() || model.family() == Family.BLOCKING) {
            return List.of(new Choice(model, Variant.PLAIN));
        }
        if (!model.can(Ability.WORKERS)) {
            return List.of();
        }
        return List.of(
                new Choice(model, new Variant(1, Integer.toString(needs.workersCount()))),
                new Choice(model, new Variant(1, "virtual")));
    }

    /**
     * The order of trying: handlers that wait do so best where nothing waits behind them, and a few busy connections are
     * answered soonest by who never sleeps.
     */
    private static int place(Needs needs, Choice choice) {
        Model model = choice.model();
        if (needs.handlersWait() && model.family() == Family.BLOCKING && model.can(Ability.ONE_PROCESS)) {
            return model.can(Ability.LOOPS) ? -2 : -1;
        }
        if (model.family() == Family.POLLING && spinsWell(needs)) {
            return -1;
        }
        int place = BY_COST.indexOf(model.name());
        return place < 0 ? BY_COST.size() : place;
    }
}

package dev.sluice.lab.compare;

import dev.sluice.Availability;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.lab.compare.Contender.Capacity;
import dev.sluice.os.FdSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The models as contenders. What one can't do is read from its row in the table of models. */
public final class SluiceContenders {
    /** Each is a JVM: more of them measure the machine's memory. */
    private static final int MOST_PROCESSES = 64;

    /** Descriptors below FD_SETSIZE that a JVM needs for itself, with room. */
    private static final int OWN_DESCRIPTORS = 64;

    /** Connections of a measurement may be silent for long, unless the workload itself bounds it. */
    private static final List<String> PATIENT = List.of("idle-timeout", "header-timeout", "write-timeout");

    private final List<String> sluice;
    private final Workload workload;
    private final Path sites;

    /**
     * Makes contenders for one workload.
     *
     * @param sluice the command that starts Sluice, without a sub-command
     * @param sites where the files are made, where the workload has any
     */
    SluiceContenders(List<String> sluice, Workload workload, Path sites) {
        this.sluice = List.copyOf(sluice);
        this.workload = workload;
        this.sites = sites;
    }

    /** The choices as contenders; what can't be says why, a model that doesn't run here once. */
    List<Contender> of(List<Choice> choices) {
        List<Contender> all = new ArrayList<>();
        Set<Model> absent = new HashSet<>();
        for (Choice choice : choices) {
            Availability here = choice.model().availability();
            if (here.available()) {
                all.add(contender(choice, unfit(choice.model(), choice.variant())));
            } else if (absent.add(choice.model())) {
                all.add(contender(
                        new Choice(choice.model(), Variant.PLAIN), "this machine can't run it: " + here.reason()));
            }
        }
        return all;
    }

    /** Why a model can't hold so many connections; empty where it can. */
    public static String cannotHold(Model model, int heldCount) {
        return capacity(model).cannotHold(heldCount);
    }

    private static String unfit(Model model, Variant variant) {
        if (variant.loops() > 1 && !model.can(Ability.LOOPS)) {
            return "it has no loops to multiply";
        }
        if (!variant.workers().equals("none") && !model.can(Ability.WORKERS)) {
            return "it has no workers: its handlers may block where they are";
        }
        return "";
    }

    private Contender contender(Choice choice, String skipped) {
        Model model = choice.model();
        boolean oneProcess = model.can(Ability.ONE_PROCESS);
        List<String> options = choice.options();
        List<String> shown = new ArrayList<>(List.of("./sluice", "serve"));
        if (workload.siteFiles() > 0) {
            shown.add("DIR");
        }
        shown.addAll(options);
        shown.addAll(workload.serveOptions());
        return new Contender(
                choice.name(),
                model.family().name().toLowerCase(Locale.ROOT),
                shown.stream().map(Shell::quote).collect(Collectors.joining(" ")),
                skipped,
                capacity(model),
                true,
                oneProcess,
                (port, point, folder) -> command(options, oneProcess, port, point));
    }

    private List<String> command(List<String> options, boolean oneProcess, int port, Workload point)
            throws IOException {
        List<String> command = new ArrayList<>(sluice);
        command.add("serve");
        if (point.siteFiles() > 0) {
            command.add(Folders.site(sites, point).toString());
        }
        command.addAll(List.of("--control", "--drain=0", "--host=127.0.0.1", "--port=" + port));
        PATIENT.stream()
                .filter(option -> point.setting("serve." + option) == null)
                .forEach(option -> command.add("--" + option + "=1h"));
        command.addAll(options);
        if (!oneProcess) {
            command.add("--processes=" + point.held() + ":" + point.held());
        }
        command.addAll(point.serveOptions());
        return command;
    }

    private static Capacity capacity(Model model) {
        if (!model.can(Ability.ONE_PROCESS)) {
            return new Capacity(
                    MOST_PROCESSES,
                    "it takes a process for each, and a comparison starts no more than " + MOST_PROCESSES);
        }
        if (!model.can(Ability.MANY_CONNECTIONS)) {
            return new Capacity(
                    FdSet.FD_SETSIZE - OWN_DESCRIPTORS,
                    "its set ends at descriptor " + (FdSet.FD_SETSIZE - 1) + ", and the JVM needs some");
        }
        return Capacity.UNBOUNDED;
    }
}

package dev.sluice.lab.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which cores the servers run on, and which the generator: apart, so that neither takes the other's time.
 *
 * @param server its cores, as {@code taskset -c} takes them; empty: any
 * @param generator the same for the generator
 * @param words what was done, for people
 */
public record Pinning(String server, String generator, String words) {
    /** As in {@code 0-3,6}. */
    private static final String LIST = "[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*";

    /** What {@code --pin} takes: {@code auto}, {@code none}, or two lists of cores, as in {@code 0-3:4,5}. */
    public static Pinning parse(String text) {
        if (text.equals("none")) {
            return new Pinning("", "", "none");
        }
        if (!text.equals("auto")) {
            if (!text.matches(LIST + ":" + LIST)) {
                throw new IllegalArgumentException("--pin is '" + text
                        + "', must be auto, none, or the servers' cores and the generator's, as in 0-3:4,5");
            }
            String[] lists = text.split(":");
            Pinning pinning = Programs.find("taskset")
                    .map(_ -> apart(lists[0], lists[1]))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--pin needs taskset, which is not installed here (Debian: util-linux)"));
            requireAllowed(text, cores(pinning.server()));
            requireAllowed(text, cores(pinning.generator()));
            return pinning;
        }
        Optional<Path> taskset = Programs.find("taskset");
        List<Integer> cores = allowed();
        if (taskset.isEmpty() || cores.size() < 2) {
            return new Pinning(
                    "",
                    "",
                    taskset.isEmpty()
                            ? "none: there is no taskset here (Debian: util-linux)"
                            : "none: there is one core, which server and generator share");
        }
        int half = cores.size() / 2;
        return apart(list(cores.subList(0, half)), list(cores.subList(half, cores.size())));
    }

    private static void requireAllowed(String text, List<Integer> cores) {
        List<Integer> allowed = allowed();
        if (cores.isEmpty() || (!allowed.isEmpty() && !allowed.containsAll(cores))) {
            throw new IllegalArgumentException("--pin is '" + text + "', must name cores that this process may use: "
                    + (allowed.isEmpty() ? "from the lower to the higher" : list(allowed)));
        }
    }

    private static Pinning apart(String server, String generator) {
        return new Pinning(server, generator, "server on core " + server + ", generator on core " + generator);
    }

    /** The command, kept to cores. */
    static List<String> on(String cores, List<String> command) {
        if (cores.isEmpty()) {
            return command;
        }
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", cores));
        pinned.addAll(command);
        return pinned;
    }

    /** Keeps a process that runs, and all that descend from it, to cores; empty: leaves them. */
    static void move(ProcessHandle root, String cores) throws IOException, InterruptedException, ServerException {
        if (cores.isEmpty()) {
            return;
        }
        List<ProcessHandle> family = new ArrayList<>(List.of(root));
        family.addAll(root.descendants().toList());
        for (ProcessHandle process : family) {
            Process taskset = new ProcessBuilder("taskset", "-a", "-p", "-c", cores, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(taskset.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (taskset.waitFor() != 0 && process.isAlive()) {
                throw new ServerException(
                        "process " + process.pid() + " can't be kept to cores " + cores + ": " + said.strip());
            }
        }
    }

    private static String list(List<Integer> cores) {
        return cores.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** The cores that this process may use. */
    private static List<Integer> allowed() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .findFirst()
                    .map(line -> cores(line.substring(line.indexOf(':') + 1).strip()))
                    .orElse(List.of());
        } catch (IOException e) {
            return List.of(); // no /proc: nothing is known, so nothing is pinned
        }
    }

    /** The numbers of a list such as {@code 0-3,6}. */
    static List<Integer> cores(String list) {
        List<Integer> cores = new ArrayList<>();
        for (String part : list.split(",")) {
            String[] ends = part.split("-");
            for (int core = Integer.parseInt(ends[0]); core <= Integer.parseInt(ends[ends.length - 1]); core++) {
                cores.add(core);
            }
        }
        return cores;
    }
}

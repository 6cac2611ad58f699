package dev.sluice.lab.compare;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What each server of a comparison is to do, and what it is asked: a file of settings, one a line, as
 * {@link java.util.Properties} reads them. A preset is such a file inside the jar.
 *
 * <pre>
 * words = one short answer, over connections that stay
 * path = /
 * # sluice serve --respond "Hello, World!"
 * serve.respond = Hello, World!
 * # sluice load --connections 64
 * load.connections = 64
 * </pre>
 *
 * <p>A setting {@code true} is an option without a value. {@code site.files} and {@code site.bytes} are how many files are made
 * and served ({@code f0} and so on), and the size of each.
 *
 * @param name the preset's name, or "custom"
 * @param settings all of them, by name
 */
public record Workload(String name, Map<String, String> settings) {
    /** The presets, in the order in which they are told. */
    public static final List<String> PRESETS = List.of(
            "plaintext",
            "pipelined",
            "files-small",
            "files-large",
            "many-idle",
            "slow-clients",
            "cpu-heavy",
            "blocking-handler",
            "churn",
            "burst");

    public static final String CONNECTIONS = "load.connections";
    private static final String IDLE = "load.idle";
    private static final String SLOW = "load.slow-connections";
    private static final String SPEED = "load.slow";
    private static final String THREADS = "load.threads";
    private static final String ACCESS_LOG = "serve.access-log";
    private static final int DEFAULT_CONNECTIONS = 64;
    private static final int FEW = 16;
    private static final String SERVE = "serve.";
    private static final String CHANGED = "; changed: ";
    private static final String LOAD = "load.";
    private static final List<String> OTHERS = List.of("words", "path", "site.files", "site.bytes");

    /** What the comparison itself decides, so that a workload can't. */
    private static final List<String> RESERVED = List.of(
            "serve.model",
            "serve.port",
            "serve.host",
            "serve.control",
            "serve.drain",
            "serve.processes",
            "load.json",
            "load.duration",
            "load.warmup");

    public Workload {
        settings = Map.copyOf(settings);
        for (String key : settings.keySet()) {
            boolean known = OTHERS.contains(key) || key.startsWith(SERVE) || key.startsWith(LOAD);
            if (!known || RESERVED.contains(key)) {
                throw new IllegalArgumentException("a workload has no setting '" + key + "': it has "
                        + String.join(", ", OTHERS) + ", serve.OPTION and load.OPTION"
                        + (known ? ", but that one is the comparison's own" : ""));
            }
        }
        number(settings, CONNECTIONS, 1);
        number(settings, IDLE, 0);
        number(settings, SLOW, 0);
        number(settings, THREADS, 1);
        number(settings, "site.files", 0);
        number(settings, "site.bytes", 0);
        if (List.of("true", "-", "").contains(settings.getOrDefault(ACCESS_LOG, "a file"))) {
            throw new IllegalArgumentException(
                    ACCESS_LOG + " must name a file: a server's standard output is the comparison's own");
        }
    }

    /**
     * A preset.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public static Workload preset(String name) {
        if (!PRESETS.contains(name)) {
            throw new IllegalArgumentException(
                    "no preset is named '" + name + "'; there are " + String.join(", ", PRESETS));
        }
        try (InputStream in = Workload.class.getResourceAsStream("presets/" + name + ".properties")) {
            if (in == null) {
                throw new IllegalStateException("the preset " + name + " is missing in the jar");
            }
            return of(name, new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException where it has a setting that there is none of
     */
    public static Workload read(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file)) {
            return of("custom", in);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static Workload of(String name, Reader in) throws IOException {
        Properties all = new Properties();
        all.load(in);
        Map<String, String> settings = new TreeMap<>();
        all.stringPropertyNames()
                .forEach(key -> settings.put(key, all.getProperty(key).strip()));
        return new Workload(name, settings);
    }

    /** Whether a setting says what is served or asked, rather than how it is measured or called. */
    public static boolean isOfServerOrLoad(String key) {
        return key.startsWith(SERVE) || key.startsWith(LOAD) || key.startsWith("site.") || key.equals("path");
    }

    /** The same with one setting changed. */
    public Workload with(String key, String value) {
        Map<String, String> changed = new TreeMap<>(settings);
        changed.put(key, value);
        return new Workload(name, changed);
    }

    /** The same with one setting changed by its user, which its words tell. */
    public Workload changed(String key, String value) {
        boolean first = !words().contains(CHANGED);
        return with(key, value).with("words", words() + (first ? CHANGED : ", ") + key + "=" + value);
    }

    public String words() {
        return settings.getOrDefault("words", "a workload of its own");
    }

    public String path() {
        return settings.getOrDefault("path", "/");
    }

    /** Active connections; without a setting as many as {@code sluice load} has. */
    public int connections() {
        return settings.containsKey(CONNECTIONS) ? number(settings, CONNECTIONS, 1) : DEFAULT_CONNECTIONS;
    }

    /** Connections that are held and send nothing. */
    int idle() {
        return number(settings, IDLE, 0);
    }

    /** Connections that a server holds at once: active, idle and slow ones. */
    public int held() {
        return connections() + idle() + number(settings, SLOW, 0);
    }

    /** The same load on a few connections, for a server to get warm by. */
    Workload few() {
        int count = Math.min(FEW, connections());
        Map<String, String> few = new TreeMap<>(settings);
        few.put(CONNECTIONS, Integer.toString(count));
        // The speed goes with the slow connections: without them it would be that of all others.
        few.keySet().removeAll(List.of(IDLE, SLOW, SPEED));
        few.put(THREADS, Integer.toString(Math.min(count, number(settings, THREADS, 1))));
        return new Workload(name, few);
    }

    /** How many files are served; 0 where it is something else. */
    int siteFiles() {
        return number(settings, "site.files", 0);
    }

    /** The size of each file, in bytes. */
    int siteBytes() {
        return number(settings, "site.bytes", 0);
    }

    /** A setting's value, or null. */
    @Nullable
    String setting(String key) {
        return settings.get(key);
    }

    /** The names of the settings for the server. */
    List<String> serverSettings() {
        return settings.keySet().stream()
                .filter(key -> key.startsWith(SERVE))
                .sorted()
                .toList();
    }

    /** The options of {@code sluice serve}. */
    List<String> serveOptions() {
        return options(SERVE);
    }

    /** The options of {@code sluice load}. */
    List<String> loadOptions() {
        return options(LOAD);
    }

    private List<String> options(String prefix) {
        List<String> options = new ArrayList<>();
        new TreeMap<>(settings).forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                String name = "--" + key.substring(prefix.length());
                options.add(value.equals("true") ? name : name + "=" + value);
            }
        });
        return options;
    }

    private static int number(Map<String, String> settings, String key, int least) {
        String text = settings.getOrDefault(key, Integer.toString(least));
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < least) {
            throw new IllegalArgumentException(key + " is '" + text + "', must be a number of at least " + least);
        }
        return Integer.parseInt(text);
    }
}

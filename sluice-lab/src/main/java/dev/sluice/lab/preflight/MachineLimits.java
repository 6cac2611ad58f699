package dev.sluice.lab.preflight;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads limits from proc(5). What isn't there (another system, a module that isn't loaded) is not known, and limits nothing. */
final class MachineLimits {
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    /** Of the capabilities: it is exempt from fs.file-max. */
    private static final int CAP_SYS_ADMIN = 21;

    private final Path proc;

    /** Those of a proc file system, /proc as a rule. */
    MachineLimits(Path proc) {
        this.proc = proc;
    }

    /** The n-th number of a file. */
    OptionalLong number(String file, int index) {
        return nth(read(file), index);
    }

    /** A setting of one number, as in fs.nr_open. */
    OptionalLong sysctl(String name) {
        return number("sys/" + name.replace('.', '/'), 0);
    }

    /** The hard limit of a line of /proc/self/limits; empty also where it is unlimited. */
    OptionalLong hardLimit(String name) {
        for (String line : read("self/limits").lines().toList()) {
            if (line.startsWith(name)) {
                List<String> words =
                        List.of(line.substring(name.length()).strip().split("\\s+"));
                return words.size() < 2 ? OptionalLong.empty() : nth(words.get(1), 0);
            }
        }
        return OptionalLong.empty();
    }

    /** A value of /proc/meminfo in bytes. */
    OptionalLong memory(String name) {
        Matcher line = Pattern.compile("^" + name + ":\\s+(\\d+) kB", Pattern.MULTILINE)
                .matcher(read("meminfo"));
        return line.find() ? OptionalLong.of(Long.parseLong(line.group(1)) * 1024) : OptionalLong.empty();
    }

    /** Threads that exist: the part behind the slash of /proc/loadavg. */
    long threadsNow() {
        Matcher line = Pattern.compile("\\d+/(\\d+)").matcher(read("loadavg"));
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    /** Whether fs.file-max does not hold for this process. */
    boolean exemptFromFileMax() {
        Matcher line = Pattern.compile("^CapEff:\\s+([0-9a-f]{1,16})$", Pattern.MULTILINE)
                .matcher(read("self/status"));
        return line.find() && (Long.parseUnsignedLong(line.group(1), 16) >>> CAP_SYS_ADMIN & 1) == 1;
    }

    private static OptionalLong nth(String text, int index) {
        Matcher numbers = NUMBER.matcher(text);
        for (int i = 0; numbers.find(); i++) {
            if (i == index) {
                // Longer ones are "no limit", as 9223372036854775807 of fs.file-max is.
                return OptionalLong.of(
                        numbers.group().length() > 18 ? Long.MAX_VALUE : Long.parseLong(numbers.group()));
            }
        }
        return OptionalLong.empty();
    }

    private String read(String file) {
        return ProcFile.read(proc.resolve(file));
    }
}

package dev.sluice.lab.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One setting of a workload that is varied, or none.
 *
 * @param name what is varied, for people; empty where nothing is
 * @param points the workload at each value
 */
public record Sweep(String name, List<Point> points) {
    /** A value with a unit of time, or without one. */
    private static final Pattern VALUE = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s)?");

    /**
     * The workload at one value.
     *
     * @param value the number; of a duration its microseconds; 0 without a sweep
     */
    public record Point(double value, Workload workload) {}

    /** The workload as it is. */
    public static Sweep none(Workload workload) {
        return new Sweep("", List.of(new Point(0, workload)));
    }

    /**
     * The workload at several values of a setting; one value alone is no sweep, but a change of the setting.
     *
     * @param setting its name, as in "load.connections"
     * @throws IllegalArgumentException where a value isn't a number or a duration, or has no unit though others have one, or
     *     the setting can't have it
     */
    public static Sweep of(Workload workload, String setting, List<String> values) {
        if (values.size() == 1) {
            return none(workload.changed(setting, values.getFirst()));
        }
        String name = setting.substring(setting.indexOf('.') + 1);
        List<Point> points = new ArrayList<>();
        String bare = "";
        boolean timed = false;
        for (String value : values) {
            Matcher matcher = VALUE.matcher(value);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "'" + value + "' of " + setting + " is neither a number nor a duration, as in 100 or 1ms");
            }
            double number = Double.parseDouble(matcher.group(1));
            String unit = matcher.group(2);
            if (unit != null) {
                timed = true;
                number *= micros(unit);
                name = setting.substring(setting.indexOf('.') + 1) + " (µs)";
            } else if (number != 0) {
                bare = value;
            }
            points.add(new Point(number, workload.with(setting, value)));
        }
        if (timed && !bare.isEmpty()) {
            throw new IllegalArgumentException("'" + bare + "' of " + setting
                    + " has no unit, though others of its values have one: write it, as in 1s or 1ms");
        }
        return new Sweep(name, points);
    }

    private static double micros(String unit) {
        return switch (unit) {
            case "ns" -> 1e-3;
            case "us" -> 1;
            case "ms" -> 1e3;
            default -> 1e6;
        };
    }
}

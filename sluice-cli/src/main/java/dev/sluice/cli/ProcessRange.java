package dev.sluice.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How many worker processes are kept.
 *
 * @param least also when there is nothing to do
 * @param most however much there is to do
 */
record ProcessRange(int least, int most) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4}):(\\d{1,4})");

    /** Reads 4:16, or 8 for 8:8. */
    static final class Converter implements ITypeConverter<ProcessRange> {
        /** For picocli. */
        Converter() {}

        @Override
        public ProcessRange convert(String text) {
            Matcher matcher = FORM.matcher(text.indexOf(':') < 0 ? text + ":" + text : text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is no number of processes: write N, as in 4, or MIN:MAX for prefork");
            }
            ProcessRange range =
                    new ProcessRange(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
            if (range.least() < 1 || range.most() < range.least()) {
                throw new TypeConversionException(
                        "'" + text + "': at least 1 process is needed, and MAX is at least MIN");
            }
            return range;
        }
    }
}

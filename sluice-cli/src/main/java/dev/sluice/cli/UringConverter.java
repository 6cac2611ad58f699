package dev.sluice.cli;

import dev.sluice.UringOptions;
import dev.sluice.UringSwitch;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads direct=on,buffers=64x16384. */
final class UringConverter implements ITypeConverter<UringOptions> {
    /** What each switch takes and does, for the help. */
    static final class Names implements Iterable<String> {
        /** For picocli. */
        Names() {}

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(UringSwitch.values())
                    .map(each -> each.label() + "=" + each.takes() + " (" + each.what() + ")")
                    .iterator();
        }
    }

    /** For picocli. */
    UringConverter() {}

    @Override
    public UringOptions convert(String text) {
        try {
            return UringSwitch.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}

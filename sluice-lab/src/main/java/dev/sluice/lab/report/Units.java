package dev.sluice.lab.report;

import java.util.Locale;

/** Numbers as people read them: three digits that count, and the unit. */
enum Units {
    COUNT {
        @Override
        String text(double value) {
            return value >= 1000 ? whole(value) : digits(value);
        }
    },
    PER_SECOND {
        @Override
        String text(double value) {
            return COUNT.text(value) + "/s";
        }
    },
    MICROS {
        @Override
        String text(double value) {
            if (value >= 999_500) {
                return digits(value / 1_000_000) + " s";
            }
            return value >= 999.5 ? digits(value / 1000) + " ms" : digits(value) + " µs";
        }
    },
    BYTES {
        @Override
        String text(double value) {
            String[] names = {" B", " KiB", " MiB", " GiB", " TiB"};
            double scaled = value;
            int power = 0;
            while (Math.abs(scaled) >= 1000 && power < names.length - 1) {
                scaled /= 1024;
                power++;
            }
            return digits(scaled) + names[power];
        }
    },
    BYTES_PER_SECOND {
        @Override
        String text(double value) {
            return BYTES.text(value) + "/s";
        }
    },
    SHARE {
        @Override
        String text(double value) {
            return percent(value);
        }
    };

    abstract String text(double value);

    /** A share as a percentage, without a sign. */
    static String percent(double share) {
        double percent = Math.abs(share) * 100;
        return (percent != 0 && percent < 0.1 ? "less than 0.1" : percentDigits(percent)) + " %";
    }

    private static String percentDigits(double percent) {
        return percent >= 10 || percent == 0 ? whole(percent) : String.format(Locale.ROOT, "%.1f", percent);
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        if (size >= 99.95 || size == Math.rint(size)) {
            return whole(value);
        }
        return String.format(Locale.ROOT, size >= 9.995 ? "%.1f" : size >= 0.0995 ? "%.2f" : "%.3f", value);
    }
}

package dev.sluice.kv;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of INCRBYFLOAT and HINCRBYFLOAT: Redis adds them up as C's long double of 80 bits on x86-64, whose 64 bits of
 * precision keep 0.1 + 0.2 at 0.3, and tells 17 digits behind the point at most. Here they are exact decimals that are rounded
 * to 64 bits.
 */
final class LongDouble {
    private static final int PRECISION_BITS = 64;
    private static final int SHOWN_DIGITS = 17;
    /** Of a long double: 1.19e4932. */
    private static final int EXPONENT_MOST = 4932;

    private static final long BINARY_EXPONENT_MOST = 20_000;
    /** Redis reads no more than this (MAX_LONG_DOUBLE_CHARS). */
    private static final int CHARACTERS_MOST = 5 * 1024;

    private static final Pattern FORM = Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d{1,9})?");
    private static final Pattern HEXADECIMAL = Pattern.compile(
            "([+-]?)0[xX](?=[.]?[0-9a-fA-F])([0-9a-fA-F]*)(?:[.]([0-9a-fA-F]*))?(?:[pP]([+-]?\\d{1,9}))?");
    private static final Pattern INFINITE = Pattern.compile("[+-]?inf(?:inity)?", Pattern.CASE_INSENSITIVE);

    private LongDouble() {}

    /** Whether strtold(3) reads it as an infinity. */
    static boolean isInfinite(String text) {
        return INFINITE.matcher(text).matches();
    }

    /** @throws CommandException {@code otherwise}, where it is no finite decimal number */
    static BigDecimal parse(String text, String otherwise) {
        if (text.length() > CHARACTERS_MOST) {
            throw new CommandException(otherwise);
        }
        Matcher hexadecimal = HEXADECIMAL.matcher(text);
        BigDecimal value;
        if (FORM.matcher(text).matches()) {
            value = new BigDecimal(text);
        } else if (hexadecimal.matches()) {
            value = ofHexadecimal(hexadecimal);
        } else {
            throw new CommandException(otherwise);
        }
        if (value.signum() != 0 && magnitude(value) > EXPONENT_MOST) {
            throw new CommandException(otherwise);
        }
        if (value.signum() != 0 && magnitude(value) < -EXPONENT_MOST) {
            throw new CommandException(otherwise); // ERANGE: too small to be told from nothing
        }
        return round(value);
    }

    /** A whole number of sixteenths' powers, times a power of two. */
    private static BigDecimal ofHexadecimal(Matcher parts) {
        String digits = parts.group(2) + (parts.group(3) == null ? "" : parts.group(3));
        long exponent = parts.group(4) == null ? 0 : Long.parseLong(parts.group(4));
        exponent = Math.clamp(exponent, -BINARY_EXPONENT_MOST, BINARY_EXPONENT_MOST)
                - 4L * (parts.group(3) == null ? 0 : parts.group(3).length());
        BigDecimal whole = new BigDecimal(new BigInteger("0" + digits, 16));
        BigDecimal power = new BigDecimal(BigInteger.ONE.shiftLeft((int) Math.abs(exponent)));
        BigDecimal value = exponent >= 0 ? whole.multiply(power) : whole.divide(power);
        return parts.group(1).equals("-") ? value.negate() : value;
    }

    private static long magnitude(BigDecimal value) {
        return (long) value.precision() - value.scale() - 1;
    }

    static BigDecimal add(BigDecimal a, BigDecimal b) {
        return round(a.add(b));
    }

    /** As printf's %.17Lf tells it, without the zeros at the end. */
    static String format(BigDecimal value) {
        BigDecimal shown = value.setScale(SHOWN_DIGITS, RoundingMode.HALF_EVEN).stripTrailingZeros();
        if (shown.signum() == 0) {
            return value.signum() < 0 ? "-0" : "0";
        }
        return shown.toPlainString();
    }

    /** To the nearest number of 64 bits times a power of two, ties to even. */
    private static BigDecimal round(BigDecimal value) {
        if (value.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger numerator = value.unscaledValue().abs();
        BigInteger denominator = BigInteger.ONE;
        if (value.scale() > 0) {
            denominator = BigInteger.TEN.pow(value.scale());
        } else {
            numerator = numerator.multiply(BigInteger.TEN.pow(-value.scale()));
        }
        int shift = numerator.bitLength() - denominator.bitLength() - PRECISION_BITS;
        if (shift > 0) {
            denominator = denominator.shiftLeft(shift);
        } else {
            numerator = numerator.shiftLeft(-shift);
        }
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        if (parts[0].bitLength() > PRECISION_BITS) {
            shift++;
            denominator = denominator.shiftLeft(1);
            parts = numerator.divideAndRemainder(denominator);
        }
        BigInteger mantissa = parts[0];
        int half = parts[1].shiftLeft(1).compareTo(denominator);
        if (half > 0 || half == 0 && mantissa.testBit(0)) {
            mantissa = mantissa.add(BigInteger.ONE);
        }
        BigDecimal rounded = shift >= 0
                ? new BigDecimal(mantissa.shiftLeft(shift))
                : new BigDecimal(mantissa).divide(new BigDecimal(BigInteger.ONE.shiftLeft(-shift)));
        return value.signum() < 0 ? rounded.negate() : rounded;
    }
}

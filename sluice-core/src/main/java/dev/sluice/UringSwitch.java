package dev.sluice;

import dev.sluice.UringOptions.Direct;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The switches of {@link UringOptions} by the names that {@code --uring NAME=VALUE,…} gives them. */
public enum UringSwitch {
    DIRECT("auto|on|off", "sockets live in the ring's own table of registered descriptors; auto: when others run out") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.direct(Arrays.stream(Direct.values())
                    .filter(direct -> direct.name().toLowerCase(Locale.ROOT).equals(value))
                    .findFirst()
                    .orElseThrow(this::wrong));
        }
    },
    MULTISHOT("on|off", "accept and receive go on until stopped, rather than once") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.multishot(isOn(value));
        }
    },
    TASKRUN(
            "defer|coop",
            "completions are posted when the loop enters the ring (DEFER_TASKRUN), or at any system call") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.level(
                    switch (value) {
                        case "defer" -> 0;
                        case "coop" -> COOP_LEVEL;
                        default -> throw wrong();
                    });
        }
    },
    BUFFERS("COUNTxBYTES", "receive buffers at most, a power of two; a ring begins with 512 KB of them") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            Matcher matcher = TIMES.matcher(value);
            if (!matcher.matches()) {
                throw wrong();
            }
            builder.buffers(number(matcher.group(1)), number(matcher.group(2)));
        }
    },
    INCREMENTAL("on|off", "receives fill a buffer one behind the other, rather than one each") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.incremental(isOn(value));
        }
    },
    ENTRIES("SQxCQ", "entries of the submission and of the completion queue, powers of two") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            Matcher matcher = TIMES.matcher(value);
            if (!matcher.matches()) {
                throw wrong();
            }
            builder.entries(number(matcher.group(1)), number(matcher.group(2)));
        }
    },
    SEND_ZC("BYTES|off", "sends of at least so many bytes don't copy them") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.zeroCopy(numberOrOff(value));
        }
    },
    SQPOLL("MS|off", "a thread of the kernel submits, and sleeps when it found nothing for so long") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.sqPoll(numberOrOff(value));
        }
    },
    SPIN("US|off", "a loop looks at the ring's memory for so long before it waits in the kernel") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.spin(numberOrOff(value));
        }
    },
    NAPI("US|off", "a wait polls the network card's queues for so long before it sleeps") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.napi(numberOrOff(value));
        }
    },
    RINGS("N", "rings of one loop at most: a further one is opened when the tables of all others are full") {
        @Override
        void set(UringOptions.Builder builder, String value) {
            builder.rings(number(value));
        }
    };

    private static final int COOP_LEVEL = 2;
    private static final Pattern TIMES = Pattern.compile("(\\d+)x(\\d+)");

    private final String takes;
    private final String what;

    UringSwitch(String takes, String what) {
        this.takes = takes;
        this.what = what;
    }

    abstract void set(UringOptions.Builder builder, String value);

    /** As it is written: {@code send-zc}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What may be written: {@code BYTES|off}. */
    public String takes() {
        return takes;
    }

    /** What it does, for people. */
    public String what() {
        return what;
    }

    /**
     * Reads {@code direct=on,buffers=64x16384}; what is not named stays standard.
     *
     * @throws IllegalArgumentException naming what is wrong, and what is valid
     */
    public static UringOptions parse(String text) {
        UringOptions.Builder builder = UringOptions.builder();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("'" + part + "' is no switch: write NAME=VALUE; " + valid());
            }
            String name = part.substring(0, equals);
            UringSwitch found = Arrays.stream(values())
                    .filter(each -> each.label().equals(name))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("io_uring has no switch '" + name + "'; " + valid()));
            found.set(builder, part.substring(equals + 1));
        }
        return builder.build();
    }

    private static String valid() {
        return "there are "
                + Arrays.stream(values())
                        .map(each -> each.label() + "=" + each.takes)
                        .collect(Collectors.joining(", "));
    }

    IllegalArgumentException wrong() {
        return new IllegalArgumentException("switch " + label() + " takes " + takes);
    }

    boolean isOn(String value) {
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw wrong();
        };
    }

    int numberOrOff(String value) {
        return value.equals("off") ? 0 : number(value);
    }

    int number(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("switch " + label() + " takes " + takes + ", not '" + value + "'", e);
        }
    }
}

package dev.sluice.sim;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in a world, how often, and when. A value: a seed makes it, a user may set it, and taking kinds away one by
 * one leaves the rest as they were.
 */
public final class Faults {
    /** A kind of fault, with what its rate counts. */
    public enum Kind {
        /** Of sends: the kernel takes fewer bytes than it has room for. */
        SHORT_SEND,
        /** Of packets: carries from 1 to 16 bytes, so that the receiver reads as few. */
        SMALL_PACKET,
        /** Of calls that may be: interrupted by a signal (EINTR). */
        INTERRUPT,
        /** Of sends: the kernel has no room for a while. */
        FULL_BUFFER,
        /** Of connects: refused. */
        REFUSED,
        /** Of connects: never answered. */
        HANGING,
        /** Of packets: lost, and sent again after a timeout. */
        LOSS,
        /** Of connections: reset by the network at any byte of either direction. */
        RESET,
        /** Of peers' connections: the peer resets at any byte that it sends. */
        PEER_RESET,
        /** Of peers' connections: the peer ends its side at any byte that it sends. */
        HALF_CLOSE,
        /** Of connections: from some time on nothing arrives any more, in either direction. */
        BLACK_HOLE,
        /** Of connections: at some time its two hosts can't reach each other for a while. */
        PARTITION,
        /** Of waits for readiness: a descriptor is reported that is not ready. */
        SPURIOUS,
        /** Of connections: at some time the host has no descriptor left for a while (EMFILE). */
        DESCRIPTORS,
        /** Of connections: at some time the accepting host's wall clock is set, forwards or back. */
        WALL_CLOCK,
        /** Of turns: a loop gets no processor for up to 200 ms. */
        PAUSE,
        /** Of a ring's enters: its work is done in any order, and not all of it. */
        RING_ORDER,
        /** Of a ring's results: a multishot ends with it, though nothing has failed. */
        MULTISHOT_END,
        /** Of a ring's receives: finds no provided buffer (ENOBUFS). */
        NO_BUFFERS,
        /** Of a ring's completions: finds no room in the queue, and waits in the kernel. */
        RING_OVERFLOW,
        /** Of a ring's enters: refused with EAGAIN or EBUSY. */
        RING_REFUSAL,
        /** Of a ring's cancellations: comes when the operation is done (ENOENT) or being done (EALREADY). */
        LATE_CANCEL,
        /** Of a ring's operations: handed to a worker thread, so that it is done later. */
        RING_WORKER,
        /** Of a disk's operations: takes up to 5 s, or as long as a loop may be held up by a file. */
        DISK_SLOW,
        /** Of a disk's reads and writes: fewer bytes than asked. */
        DISK_SHORT,
        /** Of what needs room on a disk: there is none (ENOSPC). */
        DISK_FULL,
        /** Of a disk's reads: EIO. */
        READ_ERROR,
        /** Of a disk's writes and changes of names: EIO. */
        WRITE_ERROR,
        /** Of a disk's syncs: EIO, and what of a file was to be durable may never be. */
        SYNC_ERROR,
        /** Of pages that are not synced when the host crashes: never reached the disk. */
        LOST_WRITE,
        /** Of pages that are not synced when the host crashes: some of their sectors reached the disk. */
        TORN_WRITE,
        /** Of crashes: changes of names that are not synced are lost, from some one on. */
        LOST_ENTRIES,
        /** Of a disk's reads: one bit is another. */
        FLIPPED_BIT,
        /** Of a disk's reads: one bit of the file is another from then on. */
        ROTTEN_BIT,
        /** Of starts of a host that has a program: it crashes within 10 s, and is up again within 10 s. */
        CRASH,
        /** Of crashes: nobody answers for the host's connections, even when it is up again. */
        SILENT_CRASH,
        /** Of datagrams: lost. */
        DATAGRAM_LOSS,
        /** Of datagrams: comes twice, the second time up to 1 s later. */
        DATAGRAM_DUPLICATE,
        /** Of datagrams: comes up to 1 s later, so that others overtake it. */
        DATAGRAM_REORDER;

        private static final EnumSet<Kind> OF_RINGS = EnumSet.range(RING_ORDER, RING_WORKER);
        private static final EnumSet<Kind> OF_MACHINES = EnumSet.range(DISK_SLOW, SILENT_CRASH);
        private static final EnumSet<Kind> OF_DATAGRAMS = EnumSet.range(DATAGRAM_LOSS, DATAGRAM_REORDER);

        /** As in a command line: small letters, and hyphens. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind of(String label) {
            for (Kind kind : values()) {
                if (kind.label().equals(label)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("there is no fault '" + label + "': there are "
                    + Arrays.stream(values()).map(Kind::label).collect(Collectors.joining(", ")));
        }
    }

    /**
     * How often, and when.
     *
     * @param rate from 0 to 1, of what {@link Kind} says
     * @param fromNanos since the world began
     * @param untilNanos since the world began, not included
     */
    public record Rate(double rate, long fromNanos, long untilNanos) {
        public Rate {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("a rate lies between 0 and 1: " + rate);
            }
            if (fromNanos < 0 || untilNanos < fromNanos) {
                throw new IllegalArgumentException("no window of time: " + fromNanos + " to " + untilNanos);
            }
        }
    }

    private static final Pattern FORM = Pattern.compile("([a-z-]+)=(\\d+(?:\\.\\d+)?(?:E-?\\d+)?)"
            + "(?:@(\\d{1,9}(?:\\.\\d{1,9})?)\\.\\.(\\d{1,9}(?:\\.\\d{1,9})?))?");
    private static final Faults NONE = new Faults(new EnumMap<>(Kind.class));

    private final EnumMap<Kind, Rate> rates;

    private Faults(EnumMap<Kind, Rate> rates) {
        this.rates = rates;
    }

    /** A plain network. */
    public static Faults none() {
        return NONE;
    }

    /**
     * Reads what {@link #toString} writes: {@code none} or {@code off}, or {@code NAME=RATE,…}, each with a window as in {@code
     * loss=0.1@0.5..2} (seconds since the world began) or without.
     *
     * @throws IllegalArgumentException for anything else, with what is wrong
     */
    public static Faults parse(String text) {
        Faults faults = NONE;
        if (text.equals("none") || text.equals("off")) {
            return faults;
        }
        for (String entry : text.split(",", -1)) {
            Matcher form = FORM.matcher(entry.strip());
            if (!form.matches()) {
                throw new IllegalArgumentException(
                        "'" + entry.strip() + "' is no fault: write off, or NAME=RATE,… as in"
                                + " loss=0.1,reset=0.05, each with a window in seconds, as in loss=0.1@0.5..2, or without");
            }
            boolean always = form.group(3) == null;
            Rate rate = new Rate(
                    Double.parseDouble(form.group(2)),
                    always ? 0 : nanos(form.group(3)),
                    always ? Long.MAX_VALUE : nanos(form.group(4)));
            faults = faults.with(Kind.of(form.group(1)), rate);
        }
        return faults;
    }

    private static long nanos(String seconds) {
        return new BigDecimal(seconds).movePointRight(9).longValue();
    }

    /**
     * What a seed makes: some kinds, often and seldom, some for a part of the time only. Those of rings, machines and
     * datagrams have generators of their own, so that a seed means the same where there are none.
     */
    static Faults drawn(Dice dice) {
        EnumMap<Kind, Rate> rates = new EnumMap<>(Kind.class);
        EnumSet<Kind> others = EnumSet.allOf(Kind.class);
        others.removeAll(Kind.OF_RINGS);
        others.removeAll(Kind.OF_MACHINES);
        others.removeAll(Kind.OF_DATAGRAMS);
        draw(rates, Kind.OF_RINGS, dice.apart("rings"));
        draw(rates, Kind.OF_MACHINES, dice.apart("machines"));
        draw(rates, Kind.OF_DATAGRAMS, dice.apart("datagrams"));
        draw(rates, others, dice);
        return new Faults(rates);
    }

    private static void draw(EnumMap<Kind, Rate> rates, EnumSet<Kind> kinds, Dice dice) {
        double some = dice.nextDouble(); // some worlds have most kinds, some hardly any
        for (Kind kind : kinds) {
            if (!dice.chance(some)) {
                continue;
            }
            double rate = switch (dice.below(3)) {
                case 0 -> 0.01;
                case 1 -> 0.1;
                default -> 0.1 + 0.4 * dice.nextDouble();
            };
            boolean always = dice.nextBoolean();
            long from = always ? 0 : dice.spread(0, TimeUnit.SECONDS.toNanos(2));
            long until = always ? Long.MAX_VALUE : from + dice.spread(0, TimeUnit.SECONDS.toNanos(2));
            rates.put(kind, new Rate(rate, from, until));
        }
    }

    /** These and a kind at all times. */
    public Faults with(Kind kind, double rate) {
        return with(kind, new Rate(rate, 0, Long.MAX_VALUE));
    }

    public Faults with(Kind kind, Rate rate) {
        EnumMap<Kind, Rate> more = new EnumMap<>(Kind.class);
        more.putAll(rates);
        more.put(kind, rate);
        return new Faults(more);
    }

    public Faults without(Kind kind) {
        EnumMap<Kind, Rate> fewer = new EnumMap<>(Kind.class);
        fewer.putAll(rates);
        fewer.remove(kind);
        return new Faults(fewer);
    }

    /** The kinds that may happen, in their order. */
    public List<Kind> kinds() {
        return new ArrayList<>(rates.keySet());
    }

    /** The rate of a kind, or null where it doesn't happen. */
    public @Nullable Rate rate(Kind kind) {
        return rates.get(kind);
    }

    /** Whether one happens now. */
    boolean strikes(Kind kind, long sinceBegin, Dice dice) {
        Rate rate = rates.get(kind);
        return rate != null && sinceBegin >= rate.fromNanos && sinceBegin < rate.untilNanos && dice.chance(rate.rate);
    }

    @Override
    public String toString() {
        if (rates.isEmpty()) {
            return "none";
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Kind, Rate> entry : rates.entrySet()) {
            Rate rate = entry.getValue();
            text.append(text.isEmpty() ? "" : ",")
                    .append(entry.getKey().label())
                    .append('=');
            text.append(rate.rate);
            if (rate.untilNanos != Long.MAX_VALUE) {
                text.append('@')
                        .append(Story.seconds(rate.fromNanos))
                        .append("..")
                        .append(Story.seconds(rate.untilNanos));
            }
        }
        return text.toString();
    }
}

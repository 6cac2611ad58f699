package dev.sluice.sim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
        SILENT_CRASH;

        private static final EnumSet<Kind> OF_MACHINES = EnumSet.range(DISK_SLOW, SILENT_CRASH);

        /** As in a command line: small letters, and hyphens. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
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
     * What a seed makes: some kinds, often and seldom, some for a part of the time only.
     *
     * @param machineDice for the kinds of disks and crashes, so that a seed means the same where there are none
     */
    static Faults drawn(Dice dice, Dice machineDice) {
        EnumMap<Kind, Rate> rates = new EnumMap<>(Kind.class);
        draw(rates, EnumSet.complementOf(Kind.OF_MACHINES), dice);
        draw(rates, Kind.OF_MACHINES, machineDice);
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
            text.append(text.isEmpty() ? "" : ", ")
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

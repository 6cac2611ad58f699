package dev.sluice.proxy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing by the highest random weight (Thaler and Ravishankar, 1998): each back end draws a number from the key, and the
 * highest is taken. When one leaves, its keys alone move, and evenly to all others; no table is kept. Names, not places in
 * the list, decide, so that every process and every reload agrees. A choice costs a logarithm a back end: for
 * hundreds of them a table (Maglev) would be faster, and would move more keys.
 */
final class RendezvousHash implements Balancer {
    private final Backend[] all;
    private final long[] seeds;

    RendezvousHash(Backend[] all) {
        this.all = all;
        this.seeds = new long[all.length];
        for (int i = 0; i < all.length; i++) {
            seeds[i] = seed(all[i].toString());
        }
    }

    /** What a client is known by: its address, so that it stays with its back end, whatever its port. */
    static long key(SocketAddress client) {
        return client instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().hashCode()
                : 0;
    }

    private static long seed(String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finalizer of SplitMix64: each bit of the input changes about half of the output's. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public @Nullable Backend pick(long key, Predicate<Backend> exclude) {
        long mixed = mix(key);
        Backend best = null;
        double bestScore = 0;
        for (int i = 0; i < all.length; i++) {
            if (Balancer.mayTake(all[i], exclude)) {
                // Uniform in (0, 1); -w / ln(u) makes each the highest as often as its weight says.
                double uniform = ((mix(mixed ^ seeds[i]) >>> 11) + 0.5) * 0x1p-53;
                double score = -all[i].weightNow() / Math.log(uniform);
                if (best == null || score > bestScore) {
                    best = all[i];
                    bestScore = score;
                }
            }
        }
        return best;
    }
}

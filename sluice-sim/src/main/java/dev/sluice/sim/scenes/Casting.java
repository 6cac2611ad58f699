package dev.sluice.sim.scenes;

import java.util.SortedSet;
import java.util.TreeSet;

/** One play's cast: the scene asks for each of its clients, and it is noted who took part. For one thread. */
public final class Casting {
    private final Cast cast;
    private final SortedSet<Integer> clients = new TreeSet<>();
    private int requestsMost;

    public Casting(Cast cast) {
        this.cast = cast;
    }

    /** Whether the client of that number, from 1, takes part. */
    public boolean has(int client) {
        boolean takesPart = cast.clients() == null || cast.clients().contains(client);
        if (takesPart) {
            clients.add(client);
        }
        return takesPart;
    }

    /** How many of its requests a client makes. */
    public int requests(int wanted) {
        int count = Math.min(wanted, cast.requestsMost());
        requestsMost = Math.max(requestsMost, count);
        return count;
    }

    /** The numbers of the clients that took part. */
    public SortedSet<Integer> clients() {
        return new TreeSet<>(clients);
    }

    /** The most requests that a client was to make; 0 where none was asked about. */
    public int requestsMost() {
        return requestsMost;
    }
}

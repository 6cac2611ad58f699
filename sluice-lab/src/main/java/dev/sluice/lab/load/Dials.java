package dev.sluice.lab.load;

import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Service;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/** Dials a lane's connections, a few at a time: more would overflow the server's accept queue. Inside the lane only. */
final class Dials {
    private static final int AT_ONCE = 64;

    /** What is dialled; tells the lane when its dial has ended. */
    interface Line extends Service {
        SocketAddress address();
    }

    private final ArrayDeque<Line> waiting = new ArrayDeque<>();
    private int dialling;
    private boolean pumping;
    private boolean over;

    void add(Connection owner, Line line) {
        waiting.add(line);
        pump(owner);
    }

    /** A dial has ended, well or not. */
    void ended(Connection owner) {
        dialling--;
        pump(owner);
    }

    /** Dials no more. */
    void stop() {
        over = true;
    }

    private void pump(Connection owner) {
        if (pumping) {
            return; // a dial that is refused at once comes back here
        }
        pumping = true;
        while (!over && dialling < AT_ONCE && !waiting.isEmpty()) {
            dialling++;
            Line line = waiting.remove();
            Client.dial(owner, line.address(), line);
        }
        pumping = false;
    }
}

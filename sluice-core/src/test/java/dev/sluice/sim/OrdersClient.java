package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The client of {@link Orders} in a world: takes the steps that bench/orders.py takes on a real kernel, at the same times. */
final class OrdersClient {
    static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(60);
    private static final long CONNECT_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final World world;
    private final Host host;
    private final Host server;
    private final InetSocketAddress remote;
    private final Consumer<String> told;
    private final Map<String, SimSocket> sockets = new TreeMap<>();

    OrdersClient(World world, Host server, InetSocketAddress remote, Consumer<String> told) {
        this.world = world;
        this.host = world.host("client");
        this.server = server;
        this.remote = remote;
        this.told = told;
    }

    /**
     * Takes the steps of a script one after the other: {@code a.connect a.send:5+a.end wait:300}. Those joined by a plus follow at
     * once, others after a pause.
     */
    void play(String script) {
        long at = STEP_NANOS;
        for (String group : script.split(" ")) {
            if (group.startsWith("wait:")) {
                at += TimeUnit.MILLISECONDS.toNanos(Long.parseLong(group.substring(5)));
                continue;
            }
            world.in(at, () -> take(List.of(group.split("\\+"))));
            at += STEP_NANOS;
        }
    }

    /** The first step, and the others once its socket is connected. */
    private void take(List<String> steps) {
        if (steps.isEmpty()) {
            return;
        }
        SimSocket socket = sockets.get(steps.getFirst().substring(0, 1));
        boolean connects = steps.getFirst().endsWith(".connect");
        if (!connects && socket != null && socket.isConnecting()) {
            world.in(CONNECT_NANOS, () -> take(steps));
            return;
        }
        take(steps.getFirst());
        take(steps.subList(1, steps.size()));
    }

    private void take(String step) {
        if (step.equals("limit")) {
            server.descriptorLimit(server.descriptorCount());
            return;
        }
        if (step.equals("unlimit")) {
            server.descriptorLimit(1024);
            return;
        }
        String who = step.substring(0, 1);
        String[] words = step.substring(2).split(":");
        int count = words.length > 1 ? Integer.parseInt(words[1]) : 0;
        if (words[0].equals("connect")) {
            SimSocket socket = new SimSocket(host);
            sockets.put(who, socket);
            socket.connect(remote);
            return;
        }
        act(who, sockets.get(who), words[0], count);
    }

    private void act(String who, SimSocket socket, String what, int count) {
        switch (what) {
            case "send" -> tell(who, "sends", send(socket, count));
            case "end" -> tell(who, "ends", socket.shutdownOutput());
            case "close" -> socket.close();
            case "reset" -> {
                socket.resetOnClose();
                socket.close();
            }
            case "read" -> read(who, socket, 0);
            case "drain" -> drain(who, socket, 0);
            default -> throw new IllegalArgumentException("there is no step '" + what + "'");
        }
    }

    private static int send(SimSocket socket, int count) {
        int room = socket.sendable();
        if (room < 0) {
            return room;
        }
        if (room < count) {
            throw new IllegalStateException("no room for " + count + " bytes");
        }
        socket.output().reserve(count);
        socket.sent(count);
        return count;
    }

    /** What is there, and what is behind it. */
    private void read(String who, SimSocket socket, long before) {
        long total = before + readAll(socket);
        tellRead(who, total, socket.receivable());
    }

    private static long readAll(SimSocket socket) {
        long total = 0;
        while (socket.input().waiting() > 0) {
            int n = socket.receivable();
            socket.received(n);
            total += n;
        }
        return total;
    }

    /** Reads on until the end or an error. */
    private void drain(String who, SimSocket socket, long before) {
        long total = before + readAll(socket);
        int next = socket.receivable();
        if (next == -Errno.EAGAIN) {
            world.in(DRAIN_NANOS, () -> drain(who, socket, total));
        } else {
            tellRead(who, total, next);
        }
    }

    private void tellRead(String who, long total, int next) {
        String behind = next == 0 ? "the end" : Errno.name(-next);
        told.accept(who + " reads " + total + ", then " + behind);
    }

    private void tell(String who, String what, int result) {
        told.accept(who + " " + what + " " + (result < 0 ? Errno.name(-result) : result));
    }
}

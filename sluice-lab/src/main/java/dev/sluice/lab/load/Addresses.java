package dev.sluice.lab.load;

import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import dev.sluice.lab.preflight.ProcFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Where the server is reached, and how many connections this machine can hold to it. */
final class Addresses {
    /** What the JVM and the generator itself have open. */
    private static final int SPARE_DESCRIPTORS = 128;

    private static final int MAX_LOOPBACKS = 250;
    private static final int USUAL_FIRST_PORT = 32_768;
    private static final int USUAL_LAST_PORT = 60_999;
    private static final Pattern PORTS = Pattern.compile("(\\d+)\\s+(\\d+)");

    private Addresses() {}

    /**
     * Finds the server.
     *
     * @throws LoadException where its name is unknown or nothing answers there
     */
    static InetSocketAddress reach(Load load) {
        String host = load.url().getHost();
        String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetSocketAddress address;
        try {
            address = new InetSocketAddress(InetAddress.getByName(plain), Targets.port(load.url()));
        } catch (UnknownHostException e) {
            throw new LoadException("no address is known for the host '" + plain + "'", e);
        }
        try {
            connect(address, load.timeout());
        } catch (IOException e) {
            throw new LoadException(
                    "can't connect to " + plain + ":" + address.getPort() + ": " + e.getMessage()
                            + "; is the server running?",
                    e);
        }
        return address;
    }

    private static void connect(InetSocketAddress address, Duration timeout) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, Math.clamp(timeout.toMillis(), 1, 10_000));
        }
    }

    /**
     * Addresses of the server, enough of them for so many connections: one (source address, destination address, port)
     * has a port for each connection, so on loopback further ones of 127.0.0.0/8 are taken where the server answers there.
     * Connections are spread thinly over them, as far as there are addresses: the kernel tries every other port first, and
     * once those are taken it looks through all of them for each further connection, which takes twenty times as long.
     *
     * @throws LoadException where there are not enough
     */
    static List<InetSocketAddress> enough(InetSocketAddress server, long connections) {
        return some(
                server,
                Math.ceilDiv(connections, quickPorts()),
                Math.ceilDiv(connections, (long) portsPerAddress()),
                connections);
    }

    /** So many addresses, or as many as there are, but not fewer than the least. */
    private static List<InetSocketAddress> some(InetSocketAddress server, long count, long least, long connections) {
        List<InetSocketAddress> all = new ArrayList<>(List.of(server));
        byte[] bytes = server.getAddress().getAddress();
        boolean loopback = bytes.length == 4 && server.getAddress().isLoopbackAddress();
        while (all.size() < count) {
            if (!loopback || all.size() == MAX_LOOPBACKS || !addLoopback(all, bytes, server.getPort())) {
                if (all.size() >= least) {
                    return all;
                }
                throw new LoadException(
                        connections + " connections are too many: " + (long) all.size() * portsPerAddress()
                                + " local ports lead to the server (net.ipv4.ip_local_port_range)"
                                + (loopback
                                        ? "; let it listen on 0.0.0.0, so that it can be reached at 127.0.0.2 too"
                                        : ""),
                        null);
            }
        }
        return all;
    }

    private static boolean addLoopback(List<InetSocketAddress> all, byte[] first, int port) {
        byte[] next = first.clone();
        next[3] = (byte) ((first[3] & 0xff) + all.size());
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(next), port);
            connect(address, Duration.ofSeconds(1));
            return all.add(address);
        } catch (IOException e) {
            return false; // the server does not listen there: the caller says what that means
        }
    }

    /** So many connections to an address find a port at once: half of the ports. */
    private static long quickPorts() {
        return portsPerAddress() / 2;
    }

    /** Local ports that the kernel gives out, fewer a tenth, which others may have. */
    private static int portsPerAddress() {
        Matcher range = PORTS.matcher(ProcFile.read(Path.of("/proc/sys/net/ipv4/ip_local_port_range")));
        int ports = range.find()
                ? Integer.parseInt(range.group(2)) - Integer.parseInt(range.group(1))
                : USUAL_LAST_PORT - USUAL_FIRST_PORT;
        return ports * 9 / 10;
    }

    /** How many connections of a model fit in this process; as many as there can be where its limit is not known. */
    static int roomCount(Model model, UringOptions uring) {
        try (Arena arena = Arena.ofConfined()) {
            long limit = Descriptors.softDescriptorLimit(new CallState(arena));
            // Below 0 it is not known; the kernel's own refusal will be counted as an error then.
            long tables = model.can(Ability.OWN_TABLES) && uring.direct() != Direct.OFF ? uring.rings() : 1;
            return limit < 0 || limit > Integer.MAX_VALUE / tables
                    ? Integer.MAX_VALUE
                    : Math.clamp(tables * (limit - SPARE_DESCRIPTORS), 1, Integer.MAX_VALUE);
        }
    }

    /**
     * Where each of several processes reaches the server, so that all find local ports: on loopback the first takes the
     * server's own address, and the others further ones.
     *
     * @param perProcess connections of each
     * @throws LoadException where there are not enough ports
     */
    static List<InetSocketAddress> forProcesses(InetSocketAddress server, int processes, int perProcess) {
        long connections = (long) processes * perProcess;
        if (connections <= portsPerAddress()) {
            return Collections.nCopies(processes, server);
        }
        int stride = (int) Math.ceilDiv(perProcess, quickPorts());
        int least = Math.ceilDiv(perProcess, portsPerAddress());
        List<InetSocketAddress> all = some(server, (long) processes * stride, (long) processes * least, connections);
        int step = all.size() < processes * stride ? least : stride;
        return IntStream.range(0, processes).mapToObj(i -> all.get(i * step)).toList();
    }
}

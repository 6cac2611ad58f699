package dev.sluice.lab.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections beyond what one process may have open (RLIMIT_NOFILE): further processes of the generator hold them. Each
 * runs {@code sluice generate} with idle connections alone, tells when it has them, and keeps them until its standard input
 * ends, so that none outlives this one. {@link #failure} and {@link #isHeld} may be called from any thread.
 */
final class Crowd implements AutoCloseable {
    /** Longer than anybody waits: they end when they are told. */
    private static final String LONG = "10000h";

    private final List<Member> members = new ArrayList<>();
    private final CountDownLatch held;
    private volatile @Nullable String failure;

    private record Member(Process process, BufferedReader out) {}

    private Crowd(int size) {
        this.held = new CountDownLatch(size);
    }

    /** Nobody. */
    static Crowd none() {
        return new Crowd(0);
    }

    /**
     * Starts processes enough for so many connections.
     *
     * @param sluice the command that starts Sluice, without a sub-command
     * @param hosts where each reaches the server
     * @param count idle connections, dealt out evenly
     */
    static Crowd start(List<String> sluice, Load load, List<InetSocketAddress> hosts, int count) {
        Crowd crowd = new Crowd(hosts.size());
        try {
            for (int i = 0; i < hosts.size(); i++) {
                int from = (int) ((long) count * i / hosts.size());
                int to = (int) ((long) count * (i + 1) / hosts.size());
                crowd.add(command(sluice, load, hosts.get(i), to - from));
            }
        } catch (IOException e) {
            crowd.close();
            throw new LoadException("a further process of the generator can't be started: " + e.getMessage(), e);
        }
        return crowd;
    }

    private static List<String> command(List<String> sluice, Load load, InetSocketAddress host, int count) {
        List<String> command = new ArrayList<>(sluice);
        String address = host.getAddress().getHostAddress();
        String authority = (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + host.getPort();
        command.addAll(List.of("generate", load.url().getScheme() + "://" + authority + "/"));
        command.addAll(List.of("--connections=0", "--idle=" + count, "--warmup=0", "--duration=" + LONG));
        command.addAll(
                List.of("--model=" + load.model(), "--timeout=" + load.timeout().toMillis() + "ms"));
        return command;
    }

    private void add(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Member member = new Member(process, process.inputReader(StandardCharsets.UTF_8));
        members.add(member);
        Thread.ofVirtual().start(() -> awaitMember(member));
    }

    private void awaitMember(Member member) {
        String last = "it ended without a word";
        try {
            for (String line = member.out.readLine(); line != null; line = member.out.readLine()) {
                if (line.equals("measuring")) {
                    held.countDown();
                    return;
                }
                last = line;
            }
        } catch (IOException e) {
            last = String.valueOf(e.getMessage()); // it was ended while it was read
        }
        failure = last;
    }

    /** Whether all have tried all of their connections. */
    boolean isHeld() {
        return held.getCount() == 0;
    }

    /** Why one of them does not hold its connections; null as long as all is well. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Lets all go; how many connections they held until then. */
    int leave() {
        int count = 0;
        try {
            for (Member member : members) {
                member.process.outputWriter().close();
            }
            for (Member member : members) {
                String measured = member.out.readLine();
                String json = String.join("\n", member.out.readAllLines());
                if (!"measured".equals(measured)) {
                    throw new LoadException("a process that held idle connections ended early: " + measured, null);
                }
                count += new ObjectMapper().readTree(json).path("idleCount").asInt();
            }
        } catch (IOException e) {
            throw new LoadException("a process that held idle connections ended early: " + e.getMessage(), e);
        }
        return count;
    }

    @Override
    public void close() {
        members.forEach(member -> member.process.destroyForcibly());
        members.forEach(member -> member.process.onExit().join());
    }
}

package dev.sluice.lab.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections beyond what one process may have open (RLIMIT_NOFILE): further processes of the generator hold them. Each
 * runs {@code sluice generate} with idle connections alone, tells how many it has, and keeps them until its standard input
 * ends, so that none outlives this one. A line before that lets each connection make its request, where the load has that. {@link #failure} and {@link #isHeld} may be called from any thread.
 */
final class Crowd implements AutoCloseable {
    /** Longer than anybody waits: they end when they are told. */
    private static final String LONG = "10000h";

    private static final String SERIAL_GC = "-XX:+UseSerialGC";

    private static final List<String> LEAN = List.of(
            "-Xms16m",
            "-Xmn2m",
            SERIAL_GC,
            "-XX:TieredStopAtLevel=1",
            // The AOT cache where it was stored for: moved elsewhere, its pages are a private copy, of 8 MB.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0");

    private static final String CONNECTED = "connected ";
    private static final String ASKED = "asked ";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

    private final List<Member> members = new ArrayList<>();
    private final CountDownLatch held;
    private volatile @Nullable String failure;

    private record Member(Process process, BufferedReader out, int count, AtomicInteger connected) {}

    private Crowd(int size) {
        this.held = new CountDownLatch(size);
    }

    /** How many processes there are. */
    int size() {
        return members.size();
    }

    /** Connections that are neither established nor refused yet, as their holders told last. */
    long missingCount() {
        return members.stream()
                .mapToLong(member -> member.count - member.connected.get())
                .sum();
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
                crowd.add(command(sluice, load, hosts.get(i), to - from), to - from);
            }
        } catch (IOException e) {
            crowd.close();
            throw new LoadException("a further process of the generator can't be started: " + e.getMessage(), e);
        }
        return crowd;
    }

    private static List<String> command(List<String> sluice, Load load, InetSocketAddress host, int count) {
        List<String> command = lean(sluice);
        String address = host.getAddress().getHostAddress();
        String authority = (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + host.getPort();
        command.addAll(List.of("generate", load.url().getScheme() + "://" + authority + "/"));
        command.addAll(List.of("--connections=0", "--idle=" + count, "--warmup=0", "--duration=" + LONG));
        command.add("--progress");
        if (load.asksIdle()) {
            command.add("--ask-idle");
        }
        command.addAll(
                List.of("--model=" + load.model(), "--timeout=" + load.timeout().toMillis() + "ms"));
        return command;
    }

    /** The command for a process that has little to do and little memory; flags that it names already win, but for the nursery. */
    private static List<String> lean(List<String> sluice) {
        boolean collector = sluice.stream().anyMatch(flag -> flag.matches("-XX:\\+Use\\w+GC"));
        List<String> command = new ArrayList<>(sluice);
        command.removeIf(flag -> flag.startsWith("-Xmn"));
        command.addAll(
                1,
                LEAN.stream()
                        .filter(flag -> !collector || !flag.equals(SERIAL_GC))
                        .toList());
        return command;
    }

    private void add(List<String> command, int count) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Member member = new Member(process, process.inputReader(StandardCharsets.UTF_8), count, new AtomicInteger());
        members.add(member);
        Thread.ofVirtual().start(() -> awaitMember(member));
    }

    private void awaitMember(Member member) {
        String last = "it ended without a word";
        try {
            for (String line = member.out.readLine(); line != null; line = member.out.readLine()) {
                if (line.startsWith(CONNECTED)) {
                    member.connected.set(Integer.parseInt(line.substring(CONNECTED.length())));
                    continue;
                }
                if (line.equals("measuring")) {
                    member.connected.set(member.count);
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

    /** Begins to let each of their connections make a request. */
    void ask() {
        try {
            for (Member member : members) {
                member.process.outputWriter().write("finish\n");
                member.process.outputWriter().flush();
            }
        } catch (IOException e) {
            throw endedEarly(e.getMessage(), e);
        }
    }

    /** After {@link #ask}: waits for the answers, and adds their latencies. */
    void awaitAsked(IdleCensus census) {
        for (Member member : members) {
            expect(member, "measured");
            census.addLatencies(expect(member, ASKED));
        }
    }

    /**
     * Lets all go.
     *
     * @param census takes the errors of those that were asked; null where they were not
     * @return how many connections they held until then
     */
    int leave(@Nullable IdleCensus census) {
        int count = 0;
        try {
            for (Member member : members) {
                member.process.outputWriter().close();
            }
            for (Member member : members) {
                if (census == null) {
                    expect(member, "measured");
                }
                JsonNode result = result(member.out.readAllLines());
                count += result.path("idleCount").asInt();
                if (census != null) {
                    census.addErrors(
                            JSON.convertValue(result.path("idleAnswers").path("errorsCount"), COUNTS));
                }
            }
        } catch (IOException e) {
            throw endedEarly(e.getMessage(), e);
        }
        return count;
    }

    /** What it printed last; before that there may be lines of its log. */
    private static JsonNode result(List<String> printed) {
        try {
            return JSON.readTree(String.join("\n", printed.subList(Math.max(0, printed.indexOf("{")), printed.size())));
        } catch (JsonProcessingException e) {
            throw endedEarly(String.join("; ", printed), e);
        }
    }

    /** The rest of the next line that begins so. */
    private static String expect(Member member, String words) {
        try {
            String last = "it ended without a word";
            for (String line = member.out.readLine(); line != null; line = member.out.readLine()) {
                if (line.startsWith(words)) {
                    return line.substring(words.length());
                }
                last = line;
            }
            throw endedEarly(last, null);
        } catch (IOException e) {
            throw endedEarly(e.getMessage(), e);
        }
    }

    private static LoadException endedEarly(@Nullable String why, @Nullable Throwable cause) {
        return new LoadException("a process that held idle connections ended early: " + why, cause);
    }

    @Override
    public void close() {
        members.forEach(member -> member.process.destroyForcibly());
        members.forEach(member -> member.process.onExit().join());
    }
}

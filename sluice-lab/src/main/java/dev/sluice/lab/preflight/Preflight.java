package dev.sluice.lab.preflight;

import dev.sluice.lab.preflight.Finding.Verdict;
import dev.sluice.lab.preflight.Plan.Each;
import dev.sluice.lab.preflight.Plan.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Compares what a plan takes with what this machine allows. Only what would certainly fail is fatal. {@code docs/million.md}
 * tells where the figures come from.
 */
public final class Preflight {
    /** Below it no limit is worth a look. */
    public static final int LARGE = 10_000;

    /** What a process has open beside its connections, and a server keeps free for its files. */
    private static final int OWN_DESCRIPTORS = 320;
    /** Of one end, when it is idle: socket, inode, dentry, file, epoll's entry. Measured: 4.1 to 4.9 KB. */
    private static final long KERNEL_BYTES = 4_400;

    private static final long LEAST_KERNEL_BYTES = 4_000;
    /** Of one end, on the heap and beside it. */
    private static final long USER_BYTES = 1_300;

    private static final long PROCESS_BYTES = 32L << 20;
    /** Stack, thread and what the JVM keeps of it. */
    private static final long THREAD_BYTES = 93_000;
    /** A stack and its guard. */
    private static final int THREAD_MAPPINGS = 2;
    /** Addresses of loopback that the generator takes at most, and dials of each of its processes. */
    private static final int LOOPBACKS = 250;

    private static final int DIALS = 64;

    private final MachineLimits machine;
    private final Plan plan;
    private final List<Finding> findings = new ArrayList<>();

    private Preflight(MachineLimits machine, Plan plan) {
        this.machine = machine;
        this.plan = plan;
    }

    /** Of this machine. */
    public static List<Finding> check(Plan plan) {
        return check(plan, Path.of("/proc"));
    }

    /** Of the machine whose proc file system is at a path. */
    static List<Finding> check(Plan plan, Path proc) {
        Preflight preflight = new Preflight(new MachineLimits(proc), plan);
        preflight.descriptors();
        preflight.ports();
        preflight.memory();
        preflight.queues();
        preflight.connectionTracking();
        preflight.threads();
        return List.copyOf(preflight.findings);
    }

    private void descriptors() {
        OptionalLong hard = machine.hardLimit("Max open files");
        if (hard.isPresent() && plan.each() != Each.PROCESS) {
            long needed = plan.perProcess() + OWN_DESCRIPTORS;
            long room = Math.max(1, hard.getAsLong() - OWN_DESCRIPTORS);
            // The generator shares its connections out among as many processes as that takes.
            boolean fits = plan.side() == Side.CLIENT || needed <= hard.getAsLong();
            long nrOpen = machine.sysctl("fs.nr_open").orElse(Long.MAX_VALUE);
            add(
                    fits ? Verdict.OK : Verdict.FATAL,
                    "ulimit -n (hard)",
                    hard.getAsLong(),
                    plan.side() == Side.CLIENT ? Math.min(needed, hard.getAsLong()) : needed,
                    "descriptors of one process",
                    "take --processes " + Math.ceilDiv(plan.connectionsCount(), room) + ", or start it after: "
                            + (needed > nrOpen ? "sysctl -w fs.nr_open=" + needed + "; " : "") + "ulimit -Hn " + needed
                            + " (in a service LimitNOFILE=" + needed + ")");
        }
        long open = machine.number("sys/fs/file-nr", 0).orElse(0);
        hold(
                "fs.file-max",
                machine.sysctl("fs.file-max"),
                open + plan.socketsCount(),
                machine.exemptFromFileMax() ? Verdict.WARNING : Verdict.FATAL,
                "open files of the whole system");
        if (plan.each() == Each.NOTHING) {
            hold(
                    "fs.epoll.max_user_watches",
                    machine.sysctl("fs.epoll.max_user_watches"),
                    plan.socketsCount(),
                    Verdict.WARNING,
                    "descriptors in the epolls of one user");
        }
    }

    private void ports() {
        OptionalLong first = machine.number("sys/net/ipv4/ip_local_port_range", 0);
        OptionalLong last = machine.number("sys/net/ipv4/ip_local_port_range", 1);
        if (plan.side() != Side.CLIENT || first.isEmpty() || last.isEmpty()) {
            return;
        }
        long ports = (last.getAsLong() - first.getAsLong() + 1) * 9 / 10;
        long addresses = plan.bothHere() ? LOOPBACKS : 1;
        add(
                plan.connectionsCount() <= ports * addresses ? Verdict.OK : Verdict.FATAL,
                "net.ipv4.ip_local_port_range",
                ports * addresses,
                plan.connectionsCount(),
                "local ports that lead to the server" + (addresses > 1 ? " at " + addresses + " addresses" : ""),
                "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""
                        + (addresses > 1 ? "" : ", and load from further machines"));
    }

    private void memory() {
        OptionalLong available = machine.memory("MemAvailable");
        if (available.isEmpty()) {
            return;
        }
        long ends = plan.bothHere() ? 2 : 1;
        long own = switch (plan.each()) {
            case NOTHING -> 0;
            case THREAD -> THREAD_BYTES;
            case PROCESS -> PROCESS_BYTES;
        };
        long processes = ends * Math.max(plan.processesCount(), 1) * PROCESS_BYTES;
        long kernel = plan.socketsCount() * KERNEL_BYTES;
        long needed = kernel + plan.socketsCount() * USER_BYTES + processes + plan.connectionsCount() * own;
        boolean certain = plan.socketsCount() * LEAST_KERNEL_BYTES > available.getAsLong();
        add(
                needed <= available.getAsLong() ? Verdict.OK : certain ? Verdict.FATAL : Verdict.WARNING,
                "MemAvailable",
                available.getAsLong() >> 20,
                needed >> 20,
                "MiB; " + (kernel >> 20) + " of it the kernel's",
                certain ? "hold fewer, or add memory" : "hold fewer, or free memory");
        hold(
                "net.ipv4.tcp_mem",
                machine.number("sys/net/ipv4/tcp_mem", 2),
                plan.socketsCount(),
                Verdict.WARNING,
                "pages for data, were some in every socket at once; idle ones have none",
                value -> "sysctl -w net.ipv4.tcp_mem=\"" + value / 2 + " " + value * 3 / 4 + " " + value + "\"");
    }

    private void queues() {
        long dials = plan.side() == Side.CLIENT ? (long) plan.processesCount() * DIALS : 1_024;
        hold(
                "net.core.somaxconn",
                machine.sysctl("net.core.somaxconn"),
                dials,
                Verdict.WARNING,
                "newcomers that wait to be accepted; beyond it they come again after a second");
        if (machine.sysctl("net.ipv4.tcp_syncookies").orElse(0) == 0) { // else the queue may overflow
            hold(
                    "net.ipv4.tcp_max_syn_backlog",
                    machine.sysctl("net.ipv4.tcp_max_syn_backlog"),
                    dials,
                    Verdict.WARNING,
                    "handshakes under way; beyond it they come again after a second");
        }
    }

    /** Where the module is loaded but no rule makes it track, it counts nothing and limits nothing. */
    private void connectionTracking() {
        long tracked = machine.sysctl("net.netfilter.nf_conntrack_count").orElse(0);
        if (tracked > 0) {
            hold(
                    "net.netfilter.nf_conntrack_max",
                    machine.sysctl("net.netfilter.nf_conntrack_max"),
                    tracked + plan.connectionsCount(),
                    Verdict.FATAL,
                    "connections that the firewall tracks; beyond it packets are dropped");
        }
    }

    private void threads() {
        if (plan.each() == Each.NOTHING) {
            return;
        }
        if (plan.each() == Each.THREAD) {
            hold(
                    "vm.max_map_count",
                    machine.sysctl("vm.max_map_count"),
                    THREAD_MAPPINGS * plan.perProcess(),
                    Verdict.FATAL,
                    "mappings of one process, " + THREAD_MAPPINGS + " for a thread's stack");
        }
        long tasks = machine.threadsNow() + plan.connectionsCount();
        String what = plan.each() == Each.THREAD ? "threads" : "threads, one a process at the least";
        hold("kernel.pid_max", machine.sysctl("kernel.pid_max"), tasks, Verdict.FATAL, what + ", of the whole system");
        hold(
                "kernel.threads-max",
                machine.sysctl("kernel.threads-max"),
                tasks,
                Verdict.FATAL,
                what + ", of the whole system");
        machine.hardLimit("Max processes")
                .ifPresent(limit -> add(
                        tasks <= limit ? Verdict.OK : Verdict.WARNING,
                        "ulimit -u (hard)",
                        limit,
                        tasks,
                        what + ", of one user; not of root",
                        "start it after: ulimit -Hu " + tasks));
    }

    /** Makes a command of what is needed. */
    private interface Cure {
        String of(long needed);
    }

    private void hold(String name, OptionalLong limit, long needed, Verdict otherwise, String words) {
        hold(name, limit, needed, otherwise, words, value -> "sysctl -w " + name + "=" + value);
    }

    private void hold(String name, OptionalLong limit, long needed, Verdict otherwise, String words, Cure cure) {
        limit.ifPresent(value ->
                add(needed <= value ? Verdict.OK : otherwise, name, value, needed, words, cure.of(rounded(needed))));
    }

    private void add(Verdict verdict, String limit, long available, long needed, String words, String cure) {
        findings.add(new Finding(verdict, limit, available, needed, words, verdict == Verdict.OK ? "" : cure));
    }

    /** To the next thousand, with a tenth to spare: nothing that is counted stands still. */
    private static long rounded(long needed) {
        return Math.ceilDiv(needed + needed / 10, 1_000L) * 1_000;
    }
}

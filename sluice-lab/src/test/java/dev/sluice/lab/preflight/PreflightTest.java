package dev.sluice.lab.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.preflight.Finding.Verdict;
import dev.sluice.lab.preflight.Plan.Each;
import dev.sluice.lab.preflight.Plan.Side;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of a machine's limits; the files stand in a folder as Linux has them. */
class PreflightTest {
    private static final long MANY = 1_000_000;

    @TempDir
    private Path proc;

    /** A machine that can hold a million at both ends. */
    @BeforeEach
    void machine() throws IOException {
        limits("20000");
        put("self/status", "Name:\tjava\nCapEff:\t0000000000000000\n");
        put("sys/fs/nr_open", "1048576\n");
        put("sys/fs/file-max", "9223372036854775807\n");
        put("sys/fs/file-nr", "1184\t0\t9223372036854775807\n");
        put("sys/fs/epoll/max_user_watches", "5491511\n");
        put("sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
        put("sys/net/ipv4/tcp_mem", "1000000\t2000000\t3000000\n");
        put("sys/net/ipv4/tcp_syncookies", "0\n");
        put("sys/net/ipv4/tcp_max_syn_backlog", "4096\n");
        put("sys/net/core/somaxconn", "4096\n");
        put("sys/vm/max_map_count", "65530\n");
        put("sys/kernel/pid_max", "4194304\n");
        put("sys/kernel/threads-max", "192730\n");
        put("meminfo", "MemTotal:       64684092 kB\nMemAvailable:   63779024 kB\n");
        put("loadavg", "0.50 0.40 0.30 2/300 12345\n");
    }

    private void limits(String files) throws IOException {
        put("self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             96365                96365                processes
                Max open files            1024                 %s                files
                """.formatted(files));
    }

    private void put(String file, String text) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static Plan server(int processes) {
        return new Plan(MANY, Side.SERVER, false, processes, Each.NOTHING);
    }

    private static Plan client() {
        return new Plan(MANY, Side.CLIENT, true, 51, Each.NOTHING);
    }

    private Finding of(String limit, Plan plan) {
        return Preflight.check(plan, proc).stream()
                .filter(finding -> finding.limit().equals(limit))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing was found of " + limit));
    }

    private void expect(String limit, Plan plan, Verdict verdict, long available, long needed, String cure) {
        Finding finding = of(limit, plan);
        assertThat(finding.verdict()).as(finding.line()).isEqualTo(verdict);
        assertThat(finding.available()).isEqualTo(available);
        assertThat(finding.needed()).isEqualTo(needed);
        assertThat(finding.cure()).isEqualTo(cure);
        assertThat(finding.line()).contains(limit, cure);
    }

    @Test
    void aMachineThatCanIsLeftInPeace() {
        assertThat(Preflight.check(client(), proc)).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.verdict()).as(finding.line()).isEqualTo(Verdict.OK);
            assertThat(finding.cure()).isEmpty();
        });
        assertThat(Preflight.check(server(52), proc)).isNotEmpty().allMatch(f -> f.verdict() == Verdict.OK);
    }

    @Test
    void descriptorsOfAProcess() throws IOException {
        String limit = "ulimit -n (hard)";
        expect(limit, server(51), Verdict.OK, 20_000, 19_928, "");
        expect(
                limit,
                server(1),
                Verdict.FATAL,
                20_000,
                1_000_320,
                "take --processes 51, or start it after: ulimit -Hn 1000320 (in a service LimitNOFILE=1000320)");
        limits("unlimited");
        assertThat(Preflight.check(server(1), proc))
                .noneMatch(finding -> finding.limit().equals(limit));
        limits("20000");
        put("sys/fs/nr_open", "524288\n");
        assertThat(of(limit, server(1)).cure()).contains("sysctl -w fs.nr_open=1000320; ulimit");
    }

    @Test
    void filesOfTheSystem() throws IOException {
        put("sys/fs/file-max", "1500000\n");
        expect("fs.file-max", server(51), Verdict.OK, 1_500_000, 1_001_184, "");
        expect("fs.file-max", client(), Verdict.FATAL, 1_500_000, 2_001_184, "sysctl -w fs.file-max=2202000");
        put("self/status", "CapEff:\t000001ffffffffff\n");
        assertThat(of("fs.file-max", client()).verdict()).as("root is exempt").isEqualTo(Verdict.WARNING);
    }

    @Test
    void portsTimesAddresses() {
        String limit = "net.ipv4.ip_local_port_range";
        expect(limit, client(), Verdict.OK, 250 * 25_408, MANY, "");
        Plan elsewhere = new Plan(MANY, Side.CLIENT, false, 51, Each.NOTHING);
        expect(
                limit,
                elsewhere,
                Verdict.FATAL,
                25_408,
                MANY,
                "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\", and load from further machines");
    }

    @ParameterizedTest
    @CsvSource({"16000000, OK", "12000000, WARNING", "7000000, FATAL"})
    void memory(long kilobytes, Verdict verdict) throws IOException {
        put("meminfo", "MemAvailable:   " + kilobytes + " kB\n");
        Finding finding = of("MemAvailable", client());
        assertThat(finding.verdict()).as(finding.line()).isEqualTo(verdict);
        assertThat(finding.available()).isEqualTo(kilobytes / 1024);
        assertThat(finding.words()).contains("MiB");
    }

    @ParameterizedTest
    @CsvSource({
        "sys/net/ipv4/tcp_mem, 100 200 300, net.ipv4.tcp_mem, WARNING",
        "sys/net/core/somaxconn, 128, net.core.somaxconn, WARNING",
        "sys/net/ipv4/tcp_max_syn_backlog, 128, net.ipv4.tcp_max_syn_backlog, WARNING",
        "sys/fs/epoll/max_user_watches, 100000, fs.epoll.max_user_watches, WARNING",
    })
    void otherLimits(String file, String value, String limit, Verdict verdict) throws IOException {
        assertThat(of(limit, client()).verdict()).isEqualTo(Verdict.OK);
        put(file, value);
        assertThat(of(limit, client()).verdict()).isEqualTo(verdict);
        assertThat(of(limit, client()).cure()).startsWith("sysctl -w " + limit + "=");
    }

    @Test
    void connectionTrackingCountsOnlyWhereItIsAtWork() throws IOException {
        String limit = "net.netfilter.nf_conntrack_max";
        put("sys/net/netfilter/nf_conntrack_max", "262144\n");
        put("sys/net/netfilter/nf_conntrack_count", "0\n");
        assertThat(Preflight.check(client(), proc))
                .noneMatch(finding -> finding.limit().equals(limit));
        put("sys/net/netfilter/nf_conntrack_count", "10\n");
        expect(limit, client(), Verdict.FATAL, 262_144, 1_000_010, "sysctl -w net.netfilter.nf_conntrack_max=1101000");
    }

    @Test
    void threadsAndProcessesOfTheModelsThatTakeThem() {
        Plan threads = new Plan(40_000, Side.SERVER, false, 1, Each.THREAD);
        expect("vm.max_map_count", threads, Verdict.FATAL, 65_530, 80_000, "sysctl -w vm.max_map_count=88000");
        expect("kernel.threads-max", threads, Verdict.OK, 192_730, 40_300, "");
        Plan shared = new Plan(40_000, Side.SERVER, false, 4, Each.THREAD);
        expect("vm.max_map_count", shared, Verdict.OK, 65_530, 20_000, "");
        Plan processes = new Plan(MANY, Side.SERVER, false, 1, Each.PROCESS);
        expect("kernel.pid_max", processes, Verdict.OK, 4_194_304, 1_000_300, "");
        expect(
                "kernel.threads-max",
                processes,
                Verdict.FATAL,
                192_730,
                1_000_300,
                "sysctl -w kernel.threads-max=1101000");
        assertThat(Preflight.check(server(51), proc)).noneMatch(f -> f.limit().equals("vm.max_map_count"));
    }

    /** The kernel gives a setting out by one read(2) only. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aSettingOfThisMachineIsReadWhole() throws IOException {
        Process cat = new ProcessBuilder("cat", "/proc/sys/net/ipv4/ip_local_port_range").start();
        String whole = new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(whole).hasSizeGreaterThan(3);
        assertThat(ProcFile.read(Path.of("/proc/sys/net/ipv4/ip_local_port_range")))
                .isEqualTo(whole);
    }

    /** Another system, or a container that hides them. */
    @Test
    void whatIsNotKnownLimitsNothing(@TempDir Path nothing) {
        assertThat(Preflight.check(client(), nothing)).isEqualTo(List.of());
    }
}

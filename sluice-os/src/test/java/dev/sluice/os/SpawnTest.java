package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
@Timeout(30)
class SpawnTest {
    private final Loopback net = new Loopback();
    private final CallState state = net.state;

    @AfterEach
    void close() {
        net.close();
    }

    private int shell(String script, Path directory, Map<String, String> environment, Integer... descriptors) {
        return Spawn.spawn(
                new Spawn.Command(
                        Path.of("/bin/sh"),
                        List.of("sh", "-c", script),
                        environment,
                        List.of(descriptors),
                        directory,
                        true),
                state);
    }

    /** What a script prints with a pipe as its descriptor 1. */
    private String output(String script, Path directory, Map<String, String> environment, Integer... more) {
        long pipe = Descriptors.pipe2(Descriptors.O_CLOEXEC, state);
        int readEnd = net.own(Descriptors.first(pipe));
        int writeEnd = Descriptors.second(pipe);
        int none = net.own(FileCalls.openat(FileCalls.AT_FDCWD, "/dev/null", FileCalls.O_RDWR, 0, state));
        Integer[] all = new Integer[3 + more.length];
        all[0] = none;
        all[1] = writeEnd;
        all[2] = none;
        System.arraycopy(more, 0, all, 3, more.length);
        int pid = shell(script, directory, environment, all);
        Descriptors.close(writeEnd, state);
        assertThat(pid).as(() -> Errno.describe(-pid)).isPositive();
        StringBuilder text = new StringBuilder();
        long at = NativeMemory.allocate(4096);
        for (long count = Descriptors.read(readEnd, at, 4096, state);
                count > 0;
                count = Descriptors.read(readEnd, at, 4096, state)) {
            text.append(Loopback.text(at, count));
        }
        NativeMemory.free(at);
        assertThat(Spawn.await(pid, state)).isZero();
        return text.toString();
    }

    @Test
    void environmentArgumentsAndDirectoryArrive(@TempDir Path directory) throws Exception {
        String text = output("pwd; echo $GREETING; echo ${HOME-none}", directory, Map.of("GREETING", "hello there"));
        assertThat(text).isEqualTo(directory.toRealPath() + "\nhello there\nnone\n");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void exactlyTheWantedDescriptorsArrive() {
        int leaking = net.own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, state));
        int[] pair = net.pair(0);
        int passed = net.own(Descriptors.dup(leaking, state));
        String script = "f=0; while [ $f -lt 300 ]; do [ -e /proc/self/fd/$f ] && echo $f; f=$((f+1)); done;"
                + " echo given >&4";
        String text = output(script, null, Map.of(), passed, pair[0]);
        assertThat(text.lines()).containsExactly("0", "1", "2", "3", "4");
        long at = NativeMemory.allocate(16);
        assertThat(Sockets.recv(pair[1], at, 16, 0, state)).isEqualTo(6);
        NativeMemory.free(at);
    }

    @Test
    void descriptorsMaySwapPlaces() {
        int none = net.own(FileCalls.openat(FileCalls.AT_FDCWD, "/dev/null", FileCalls.O_RDWR, 0, state));
        int[] pair = net.pair(0);
        // The child's 1 is this process's high number, and what is low here lands elsewhere there.
        int pid = shell("echo to1; echo to2 >&2", null, Map.of(), none, pair[0], pair[0]);
        assertThat(Spawn.await(pid, state)).isZero();
        assertThat(Descriptors.bytesReadable(pair[1], state)).isEqualTo(8);
        assertThat(output("cat <&0; echo ok", null, Map.of())).isEqualTo("ok\n");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void masksAndEffectsAreThoseOfAFreshProcess() {
        String text = output("grep -E '^Sig(Blk|Ign)' /proc/self/status", null, Map.of("PATH", "/usr/bin:/bin"));
        assertThat(text.lines()).hasSize(2).allMatch(line -> {
            // glibc's posix_spawn ignores its own two signals, 32 and 33, until the program starts its first thread.
            long set =
                    Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16);
            return (set & ~(3L << 31)) == 0;
        });
    }

    @Test
    void exitCodesAndSignalsAreTold() {
        int pid = shell("exit 7", null, Map.of());
        int status = Spawn.await(pid, state);
        assertThat(status).isEqualTo(7);
        assertThat(ExitStatus.describe(status)).isEqualTo("exited with code 7");
        int killed = Spawn.await(shell("kill -9 $$", null, Map.of()), state);
        assertThat(ExitStatus.isKilled(killed)).isTrue();
        assertThat(ExitStatus.signal(killed)).isEqualTo(9);
        assertThat(ExitStatus.describe(killed)).isEqualTo("killed by signal 9");
        assertThat(Spawn.await(pid, state)).isEqualTo(-Errno.ECHILD);
        assertThat(Spawn.reap(pid, state)).isEqualTo(-Errno.ECHILD);
    }

    @Test
    void whatCannotStartIsAValue() {
        Spawn.Command absent =
                new Spawn.Command(Path.of("/no/such/program"), List.of("x"), Map.of(), List.of(), null, false);
        assertThat(Spawn.spawn(absent, state)).isEqualTo(-Errno.ENOENT);
        assertThat(shell("true", Path.of("/no/such/directory"), Map.of())).isEqualTo(-Errno.ENOENT);
        assertThat(shell("true", null, Map.of(), 1 << 20)).isEqualTo(-Errno.EBADF);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pidfdTellsTheEnd() {
        int[] pair = net.pair(0);
        int pid = shell("read line; exit 3", null, Map.of(), pair[0]);
        int pidfd = net.own(PidFd.open(pid, state));
        assertThat(PidFd.reap(pidfd, state)).isEqualTo(-Errno.EAGAIN);
        assertThat(Spawn.reap(pid, state)).isEqualTo(-Errno.EAGAIN);
        assertThat(PidFd.sendSignal(pidfd, 0, state)).isZero();
        assertThat(Poll.pollOne(pidfd, Poll.POLLIN, 0, state)).isZero();
        net.send(pair[1], "go\n");
        assertThat(Poll.pollOne(pidfd, Poll.POLLIN, 10_000, state)).isEqualTo(Poll.POLLIN);
        assertThat(PidFd.reap(pidfd, state)).isEqualTo(3);
        assertThat(PidFd.reap(pidfd, state)).isEqualTo(-Errno.ECHILD);
        assertThat(PidFd.sendSignal(pidfd, 0, state)).isEqualTo(-Errno.ESRCH);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pidfdKills() {
        int[] pair = net.pair(0);
        int pid = shell("read line", null, Map.of(), pair[0]);
        int pidfd = net.own(PidFd.open(pid, state));
        assertThat(PidFd.sendSignal(pidfd, Platform.SIGKILL, state)).isZero();
        assertThat(ExitStatus.signal(PidFd.await(pidfd, state))).isEqualTo(Platform.SIGKILL);
        assertThat(PidFd.open(0x3fff_fff0, state)).isNegative();
    }
}

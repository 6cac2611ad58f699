package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.disk.DiskEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that is full: the log refuses, says so, keeps what it promised, and goes on once there is room and it is opened anew. */
@Timeout(60)
class FullDiskTest {
    @TempDir
    Path directory;

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @EnumSource
    void aFullDiskIsToldAndLosesNothing(DiskEngine engine) throws Exception {
        assumeTrue(
                engine.availability().available(), () -> engine.availability().reason());
        Path small = Files.createDirectory(directory.resolve("small"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", small.toString()) == 0;
        assumeTrue(mounted, "mounting a file system takes root");
        try {
            Path ballast = Files.write(small.resolve("ballast"), new byte[200 << 10]);
            for (boolean preallocate : new boolean[] {false, true}) {
                fill(
                        engine,
                        small,
                        LogOptions.standard().withSegmentBytes(64 << 10).withPreallocate(preallocate));
                Files.delete(ballast);
                recover(engine, small);
                try (var files = Files.list(small)) {
                    for (Path each : files.toList()) {
                        Files.delete(each);
                    }
                }
                Files.write(ballast, new byte[200 << 10]);
            }
        } finally {
            assertThat(run("umount", small.toString())).isZero();
        }
    }

    private long promised;
    private long appended;

    private void fill(DiskEngine engine, Path small, LogOptions options) {
        appended = 0;
        try (LogRig rig = new LogRig(engine).open(small, options, record -> {})) {
            while (rig.log().refusal() == null) {
                long number = rig.log().append(KeyStore.record((int) ++appended, appended, 1000));
                rig.until(() -> rig.log().durable() == number || rig.log().refusal() != null);
            }
            promised = rig.log().durable();
            assertThat(rig.log().refusal()).containsAnyOf("ENOSPC", "the disk is full");
            assertThat(promised).isBetween(100L, appended);
        }
    }

    private void recover(DiskEngine engine, Path small) {
        KeyStore found = new KeyStore();
        LogOptions options = LogOptions.standard().withSegmentBytes(16 << 10);
        try (LogRig rig = new LogRig(engine).open(small, options, found::apply)) {
            assertThat(rig.failure).isNull();
            assertThat(found.values.size()).isBetween((int) promised, (int) appended);
            long number = rig.log().append(KeyStore.record(1, 1, 10));
            rig.until(() -> rig.log().durable() == number);
        }
    }
}

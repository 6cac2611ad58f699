package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/events.md shows works, and is what is shown. */
@Timeout(20)
class EventsGuideTest {
    private static final Path GUIDE = Path.of("../docs/events.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/events/FolderSize.java");

    @Test
    void theGuideShowsTheExample() throws Exception {
        String source = Files.readString(SOURCE);
        assertThat(Files.readString(GUIDE)).contains(source.substring(source.indexOf("record FolderSize")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads"})
    void aClientIsToldOfEachChange(String model, @TempDir Path folder) throws Exception {
        try (Server server = Server.builder(connection -> new FolderSize(connection, folder))
                        .model(model)
                        .start();
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            Thread writer = Thread.ofVirtual().start(() -> touchUntilInterrupted(folder)); // it may not watch yet
            assertThat(lines.readLine()).endsWith("\t" + folder);
            writer.interrupt();
            writer.join();
        }
    }

    private static void touchUntilInterrupted(Path folder) {
        try {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                Files.writeString(folder.resolve("file"), "x".repeat(i));
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            return;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

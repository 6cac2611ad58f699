package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.observe.Incident;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What HTTP tells the Flight Recorder. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HttpEventsTest {
    private static final String GET = "GET /a\"b HTTP/1.1\r\nHost: a\r\n\r\n";

    @TempDir
    private Path folder;

    private final Recording recording = new Recording();

    @BeforeEach
    void record() {
        List.of("SlowHandler", "HandlerMoved", "Stall", "Shed").forEach(name -> recording.enable("dev.sluice." + name));
        recording.start();
    }

    @AfterEach
    void end() {
        recording.close();
    }

    private List<RecordedEvent> events(String name) throws Exception {
        Path file = folder.resolve("events.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.sluice." + name))
                .toList();
    }

    @Test
    void handlersThatAreSlowAndThenMoved() throws Exception {
        long slow = Incident.SLOW_HANDLER.count();
        try (Workers workers = Workers.auto()) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .headHandler(request -> {
                        Thread.sleep(21);
                        return Response.text("slow.");
                    })
                    .build());
            connection.send(GET).send(GET).send(GET);
        }
        assertThat(Incident.SLOW_HANDLER.count()).isEqualTo(slow + 3);
        assertThat(events("SlowHandler"))
                .hasSize(3)
                .allSatisfy(event -> assertThat(event.getString("request")).isEqualTo("\"GET /a\\u0022b HTTP/1.1\""))
                .allSatisfy(event -> assertThat(event.getDuration("took")).isGreaterThan(Duration.ofMillis(20)));
        assertThat(events("HandlerMoved"))
                .singleElement()
                .satisfies(event -> assertThat(event.getString("requests")).isEqualTo("\"/a\\u0022b\""))
                .satisfies(event -> assertThat(event.getBoolean("toWorkers")).isTrue());
    }

    @Test
    void aHeadThatComesTooSlowly() throws Exception {
        long before = Incident.RECEIVE_STALL.count();
        TestConnection connection = new TestConnection(HttpService.respond("OK").build());
        connection.send("GET /").advance(Duration.ofSeconds(11));
        assertThat(connection.output()).startsWith("HTTP/1.1 408 ");
        assertThat(Incident.RECEIVE_STALL.count()).isEqualTo(before + 1);
        assertThat(events("Stall"))
                .singleElement()
                .satisfies(event -> assertThat(event.getString("direction")).isEqualTo("receive"));
    }

    @Test
    void aRequestThatNoWorkerIsLeftFor() throws Exception {
        long before = Incident.SHED.count();
        CountDownLatch released = new CountDownLatch(1);
        try (Workers workers = Workers.virtual(1)) {
            HttpService service = HttpService.builder()
                    .workers(workers)
                    .headHandler(request -> {
                        released.await();
                        return Response.text("done.");
                    })
                    .build();
            TestConnection first = new TestConnection(service).send(GET);
            TestConnection second = new TestConnection(service).send(GET);
            assertThat(second.output()).startsWith("HTTP/1.1 503 ");
            released.countDown();
            first.runUntil("done.");
        }
        assertThat(Incident.SHED.count()).isEqualTo(before + 1);
        assertThat(events("Shed"))
                .singleElement()
                .satisfies(event -> assertThat(event.getString("what")).isEqualTo("request"));
    }
}

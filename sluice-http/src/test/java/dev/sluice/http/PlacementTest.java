package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Placement.Place;
import dev.sluice.observe.Incident;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --workers auto}: who blocks the loop is moved off it, who doesn't stays, and who mends comes back. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class PlacementTest {
    private static final long SLOW = Placement.BLOCKING_NANOS;

    private static RequestHead head(String target) {
        byte[] text = ("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        RequestHead head = new RequestHead();
        int verdict = new RequestParser(HttpLimits.standard()).parse(ByteBuffer.wrap(text), head);
        assertThat(verdict).isNotNegative();
        return head;
    }

    private static Place of(Placement placement, String target) {
        return placement.of(head(target));
    }

    private static void block(Placement placement, String target, int times) {
        for (int i = 0; i < times; i++) {
            placement.took(head(target), SLOW);
        }
    }

    @Test
    void whatBlocksThreeTimesGoesAndTheRestStays() {
        long before = Incident.MOVED_TO_WORKERS.count();
        Placement placement = new Placement();
        block(placement, "/slow/1?a", 2);
        placement.took(head("/slow/2"), SLOW - 1);
        assertThat(of(placement, "/slow/3")).isEqualTo(Place.LOOP);
        block(placement, "/slow/4", 1);
        assertThat(of(placement, "/slow")).isEqualTo(Place.BEGINS_ON_LOOP);
        assertThat(of(placement, "/slow?x=/y")).isEqualTo(Place.BEGINS_ON_LOOP);
        assertThat(of(placement, "/slower")).isEqualTo(Place.LOOP);
        assertThat(of(placement, "/")).isEqualTo(Place.LOOP);
        assertThat(Incident.MOVED_TO_WORKERS.count()).isEqualTo(before + 1);
    }

    @Test
    void whatHoldsTheLoopEvenThenGoesToWorkers() {
        Placement placement = new Placement();
        for (int i = 0; i < 3; i++) {
            placement.held(head("/slow"), SLOW);
        }
        assertThat(of(placement, "/slow")).as("it is called by the loop").isEqualTo(Place.LOOP);
        block(placement, "/slow", 100);
        placement.held(head("/slow"), SLOW);
        placement.held(head("/slow"), SLOW);
        placement.held(head("/slow"), SLOW - 1);
        assertThat(of(placement, "/slow")).as("it may block").isEqualTo(Place.BEGINS_ON_LOOP);
        placement.held(head("/slow"), SLOW);
        assertThat(of(placement, "/slow")).isEqualTo(Place.WORKERS);
        assertThat(of(placement, "/")).isEqualTo(Place.LOOP);
    }

    @Test
    void whoDoesNotBlockForAWhileComesBack() {
        Placement placement = new Placement(0);
        block(placement, "/slow", 3);
        assertThat(of(placement, "/slow")).as("nobody asked since").isEqualTo(Place.BEGINS_ON_LOOP);
        ask(placement, 500);
        block(placement, "/slow", 1);
        ask(placement, 1_000);
        assertThat(of(placement, "/slow")).isEqualTo(Place.LOOP);
    }

    private static void ask(Placement placement, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(of(placement, "/slow")).isEqualTo(Place.BEGINS_ON_LOOP);
        }
    }

    @Test
    void peersThatInventPathsFindATableThatEnds() {
        Placement placement = new Placement();
        for (int i = 0; i < 10_000; i++) {
            block(placement, "/" + i, 1);
        }
        assertThat(of(placement, "/new")).as("one that shares the last entry").isEqualTo(Place.BEGINS_ON_LOOP);
        assertThat(of(placement, "/0")).as("one with an entry of its own").isEqualTo(Place.LOOP);
    }

    /** Of a kind of which some block: what is answered by the connection's own tasks was handed to no other thread. */
    @Test
    void whatNeedNotWaitStaysOnTheLoop() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        try (Workers workers = Workers.auto()) {
            HttpService service = HttpService.builder()
                    .workers(workers)
                    .handler(request -> {
                        switch (request.query()) {
                            case "sleep" -> Thread.sleep(12);
                            case "wait" -> open.await();
                            default -> {}
                        }
                        return Response.text(request.query() + ".");
                    })
                    .build();
            TestConnection connection = new TestConnection(service);
            for (int i = 0; i < 3; i++) {
                connection.send("GET /kind?sleep HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            TestConnection waiting = new TestConnection(service);
            waiting.send("GET /kind?wait HTTP/1.1\r\nHost: a\r\n\r\n").runTasks();
            assertThat(waiting.output()).isEmpty();
            connection.send("GET /kind?quick HTTP/1.1\r\nHost: a\r\n\r\n").runTasks();
            assertThat(connection.output()).endsWith("quick.");
            open.countDown();
            waiting.runUntil("wait.");
        }
    }

    @Test
    void aServiceMovesItsHandler() throws Exception {
        Set<Thread> ran = ConcurrentHashMap.newKeySet();
        try (Workers workers = Workers.auto()) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> {
                        ran.add(Thread.currentThread());
                        if (request.path().equals("/slow")) {
                            Thread.sleep(12);
                        }
                        return Response.text(request.path() + ".");
                    })
                    .build());
            for (int i = 0; i < 3; i++) {
                connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            assertThat(ran).containsExactly(Thread.currentThread());
            ran.clear();
            connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
            connection.runUntil("/quick.");
            assertThat(connection.output()).endsWith("/quick.").contains("/slow.");
            assertThat(ran).hasSize(2).contains(Thread.currentThread());
        }
    }
}

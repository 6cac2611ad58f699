package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.observe.Incident;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
        assertThat(placement.isOnLoop(head("/slow/3"))).isTrue();
        block(placement, "/slow/4", 1);
        assertThat(placement.isOnLoop(head("/slow"))).isFalse();
        assertThat(placement.isOnLoop(head("/slow?x=/y"))).isFalse();
        assertThat(placement.isOnLoop(head("/slower"))).isTrue();
        assertThat(placement.isOnLoop(head("/"))).isTrue();
        assertThat(Incident.MOVED_TO_WORKERS.count()).isEqualTo(before + 1);
    }

    @Test
    void whoDoesNotBlockForAWhileComesBack() {
        Placement placement = new Placement(0);
        block(placement, "/slow", 3);
        assertThat(placement.isOnLoop(head("/slow"))).isTrue();
    }

    @Test
    void peersThatInventPathsFindATableThatEnds() {
        Placement placement = new Placement();
        for (int i = 0; i < 10_000; i++) {
            block(placement, "/" + i, 1);
        }
        assertThat(placement.isOnLoop(head("/new")))
                .as("one that shares the last entry")
                .isFalse();
        assertThat(placement.isOnLoop(head("/0")))
                .as("one with an entry of its own")
                .isTrue();
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

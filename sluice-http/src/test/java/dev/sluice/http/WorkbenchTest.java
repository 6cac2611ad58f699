package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is lent to sessions stays with its thread, which may outlive many services. */
@Timeout(60)
class WorkbenchTest {
    private static WeakReference<HttpService> used(Supplier<HttpService> made, String request) throws Exception {
        HttpService service = made.get();
        TestConnection connection = new TestConnection(service);
        assertThat(connection.send(request).take()).startsWith("HTTP/1.1 200 ");
        return new WeakReference<>(service);
    }

    private static void assertCollected(Supplier<HttpService> made, String request) throws Exception {
        WeakReference<HttpService> service = used(made, request);
        long begun = System.nanoTime();
        while (service.get() != null) {
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(20));
            System.gc();
        }
    }

    @Test
    void keepsNoServiceThatAnsweredInTheSameCall() throws Exception {
        assertCollected(
                () -> HttpService.of(request -> Response.text(String.valueOf(request.remoteAddress()))),
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    @Test
    void keepsNoServiceThatAnsweredLater() throws Exception {
        assertCollected(
                () -> HttpService.builder()
                        .async(request -> CompletableFuture.completedFuture(Response.text("later")))
                        .build(),
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertCollected(
                () -> HttpService.reflect().build(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    }
}

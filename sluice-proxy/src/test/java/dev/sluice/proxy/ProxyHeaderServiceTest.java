package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.AccessLog;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Services that are told who their client is, on each model. */
@Timeout(60)
class ProxyHeaderServiceTest {
    private static final String HEADER = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
    private static final String REQUEST = "GET /who HTTP/1.1\r\nHost: h\r\nForwarded: for=8.8.8.8\r\n\r\n";
    private static final byte[] BYTES =
            ProxyHeader.V2.of(new InetSocketAddress("2001:db8::1", 7), new InetSocketAddress("2001:db8::2", 443));

    private static Server server(String model, Service service, String... from) {
        return start(
                model,
                new ProxyHeaderService(
                        service, List.of(from).stream().map(Network::parse).toList()));
    }

    private static Server start(String model, Service service) {
        return Server.builder(service)
                .model(model)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start();
    }

    private static Service who() {
        return HttpService.of(request -> Response.text(String.valueOf(request.remoteAddress())));
    }

    private static byte[] both(byte[] header, String request) {
        byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(header.length + bytes.length)
                .put(header)
                .put(bytes)
                .array();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void theClientIsTheOneThatIsNamed(String model) throws IOException {
        try (Server server = server(model, who(), "10.0.0.0/8", "127.0.0.0/8")) {
            try (Wire wire = Wire.to(server.port())) {
                wire.send(HEADER + REQUEST);
                assertThat(wire.answer().body()).isEqualTo("/192.0.2.1:56324");
                wire.send(REQUEST); // it is of the connection, and not of a request
                assertThat(wire.answer().body()).isEqualTo("/192.0.2.1:56324");
                Proxied.await(
                        "a report of what it waits for",
                        () -> server.connections(each -> each.state().startsWith("open, idle"), 1)
                                        .connections()
                                        .size()
                                == 1);
            }
            try (Wire wire = Wire.to(server.port())) {
                for (byte each : both(BYTES, REQUEST)) {
                    wire.send(new byte[] {each});
                }
                assertThat(wire.answer().body()).isEqualTo("/[2001:db8:0:0:0:0:0:1]:7");
            }
            try (Wire wire = Wire.to(server.port())) { // of a health check, as for its own
                wire.send("PROXY UNKNOWN\r\n" + REQUEST);
                assertThat(wire.answer().body()).startsWith("/127.0.0.1:");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void whoSendsNoneOrMayNotIsCut(String model) throws Exception {
        try (Server server = server(model, who(), "127.0.0.1");
                Server foreign = server(model, who(), "10.0.0.0/8")) {
            for (String first : List.of(REQUEST, "\r\n\r\nGET", "PROXY TCP4 1.2.3.4\r\n")) {
                try (Wire wire = Wire.to(server.port())) {
                    assertThat(wire.send(first).isOver()).as(first).isTrue();
                }
            }
            try (Wire wire = Wire.to(server.port())) {
                assertThat(wire.send("PROXY TCP4").end().isOver()).isTrue();
            }
            try (Wire wire = Wire.to(foreign.port())) {
                assertThat(wire.isOver()).isTrue();
            }
            Proxied.await(
                    "all to be closed",
                    () -> server.stats().open() + foreign.stats().open() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void whoIsLateIsCutAndWhoWasInTimeIsNot(String model) throws Exception {
        Service front = new ProxyHeaderService(who(), List.of(Network.parse("127.0.0.1")), Duration.ofMillis(100));
        try (Server server = start(model, front);
                Wire late = Wire.to(server.port());
                Wire healthy = Wire.to(server.port())) {
            healthy.send(HEADER);
            late.send(HEADER.substring(0, 20));
            assertThat(late.isOver()).isTrue();
            assertThat(healthy.send(REQUEST).answer().status()).isEqualTo(200);
            assertThat(server.stop(Duration.ofSeconds(5))).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void aProxyTellsBackEndsAndItsLogOfTheClientThatItWasTold(String model) throws IOException {
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        AccessLog log = (request, status, bytes, nanos) -> logged.add(String.valueOf(request.remoteAddress()));
        ProxyOptions options =
                ProxyOptions.standard().with(ForwardingOptions.standard().withForwarded(ForwardedMode.REPLACE));
        try (Scripted backend = new Scripted((wire, self) -> {
            String head = self.request(wire);
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
        })) {
            Backends backends = new Backends(List.of(new Backend(backend.address())));
            Service proxy =
                    new ProxyService(options, () -> backends, http -> http.accessLog(log), (failing, why) -> {});
            try (Server server = server(model, proxy, "127.0.0.1");
                    Wire wire = Wire.to(server.port())) {
                wire.send(both(BYTES, REQUEST));
                assertThat(wire.answer().body())
                        .contains("X-Forwarded-For: 2001:db8:0:0:0:0:0:1\r\n")
                        .contains("Forwarded: for=\"[2001:db8:0:0:0:0:0:1]\";host=")
                        .doesNotContain("8.8.8.8");
            }
            assertThat(logged).containsExactly("/[2001:db8:0:0:0:0:0:1]:7");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void aRelayPassesOnWhatFollowsAndTellsItsBackEnd(String model) throws IOException {
        try (Scripted backend = new Scripted((wire, self) -> wire.echo())) {
            Backends backends = new Backends(List.of(new Backend(backend.address())));
            TcpOptions options = TcpOptions.standard().withPreamble(ProxyHeader.V1);
            try (Server server =
                            server(model, new TcpProxyService(options, () -> backends, (b, why) -> {}), "127.0.0.1");
                    Wire wire = Wire.to(server.port())) {
                wire.send(HEADER + "any protocol").end();
                assertThat(wire.rest())
                        .isEqualTo("PROXY TCP4 192.0.2.1 127.0.0.1 56324 " + server.port() + "\r\nany protocol");
            }
        }
    }
}

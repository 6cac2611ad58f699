package dev.sluice.proxy;

import dev.sluice.Server;
import dev.sluice.http.HttpService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A proxy on a model in front of back ends. */
final class Proxied implements AutoCloseable {
    private final Server server;
    private final ProxyService service;
    private final List<Backend> backends = new ArrayList<>();

    private Proxied(
            String model,
            ProxyOptions options,
            Consumer<HttpService.Builder> front,
            List<InetSocketAddress> addresses) {
        addresses.forEach(address -> backends.add(new Backend(address)));
        Backends all = new Backends(backends);
        service = new ProxyService(options, () -> all, front, (backend, failure) -> {});
        server = Server.builder(service)
                .model(model)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start();
    }

    static Proxied on(String model, ProxyOptions options, InetSocketAddress... addresses) {
        return new Proxied(model, options, http -> {}, List.of(addresses));
    }

    /** With what else its clients' side has. */
    static Proxied with(Consumer<HttpService.Builder> front, String model, InetSocketAddress... addresses) {
        return new Proxied(model, ProxyOptions.standard(), front, List.of(addresses));
    }

    static Proxied on(String model, InetSocketAddress... addresses) {
        return on(model, ProxyOptions.standard(), addresses);
    }

    /** A port on which nobody listens. */
    static InetSocketAddress nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    int port() {
        return server.port();
    }

    ProxyService service() {
        return service;
    }

    Server server() {
        return server;
    }

    List<Backend> backends() {
        return backends;
    }

    Wire client() throws IOException {
        return Wire.to(server.port());
    }

    /** A client's whole exchange. */
    Wire.Answer ask(String request) throws IOException {
        try (Wire wire = client()) {
            return wire.send(request).answer();
        }
    }

    Wire.Answer get() throws IOException {
        return ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    int inFlight() {
        return backends.stream().mapToInt(Backend::inFlight).sum();
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
    }

    @Override
    public void close() {
        server.close();
    }
}

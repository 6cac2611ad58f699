package dev.sluice.cli;

import dev.sluice.Server;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import java.net.InetSocketAddress;

/** The README's example. */
final class HelloServer {
    private HelloServer() {}

    // readme:begin
    static Server start(String model) {
        HttpService hello = HttpService.of(request -> switch (request.path()) {
            case "/hello" -> Response.text("Hello from " + model + "\n");
            default -> Response.text(404, "nothing here\n");
        });
        return Server.builder(hello)
                .model(model) // "epoll", "threads", "io_uring" …: the one line that changes
                .listen(new InetSocketAddress("127.0.0.1", 0))
                .start();
    }
    // readme:end
}

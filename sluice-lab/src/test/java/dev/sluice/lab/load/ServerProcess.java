package dev.sluice.lab.load;

import dev.sluice.Server;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An HTTP server of Sluice's in a process of its own, which can be stopped and continued; ended on close. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one that takes so long for each request, one at a time. */
    static ServerProcess start(long microsPerRequest) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServerProcess.class.getName(),
                        String.valueOf(microsPerRequest))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = process.inputReader().readLine();
        if (line == null) {
            throw new AssertionError("the server did not start");
        }
        return new ServerProcess(process, Integer.parseInt(line));
    }

    /** In the process: serves until its standard input ends. */
    public static void main(String[] arguments) throws IOException {
        long nanos = TimeUnit.MICROSECONDS.toNanos(Long.parseLong(arguments[0]));
        HttpService service = HttpService.of(request -> {
            long end = System.nanoTime() + nanos;
            while (nanos > 0 && System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime()); // on the loop: one request at a time
            }
            return Response.text("ok");
        });
        try (Server server = Server.builder(service)
                .model("epoll")
                .listen(new InetSocketAddress("127.0.0.1", 0))
                .start()) {
            System.out.println(server.port());
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    /** SIGSTOP or SIGCONT. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

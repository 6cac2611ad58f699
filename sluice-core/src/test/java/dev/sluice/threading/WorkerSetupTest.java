package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.AcceptMode;
import dev.sluice.Options;
import dev.sluice.UringSwitch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkerSetupTest {
    static List<SocketAddress> addresses() throws UnknownHostException {
        return List.of(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 8080),
                new InetSocketAddress(InetAddress.getByName("::1"), 65_535),
                UnixDomainSocketAddress.of("/run/a socket"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void whatIsSentIsWhatArrives(SocketAddress address) {
        Options options = Options.builder()
                .loops(3)
                .accept(AcceptMode.HANDOFF)
                .balance(false)
                .shed(true)
                .outputLimit(1L << 40)
                .idleTimeout(Duration.ofNanos(1_234_567_890_123L))
                .processes(5, 50)
                .uring(UringSwitch.parse("direct=on,spin=50,buffers=32x64"))
                .build();
        WorkerSetup setup = new WorkerSetup("epoll", address, "a.Provider", List.of("", "two words", "日本"), options);
        assertThat(WorkerSetup.decode(setup.encode())).isEqualTo(setup);
    }
}

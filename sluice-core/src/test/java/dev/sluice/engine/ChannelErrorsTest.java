package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.os.Errno;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class ChannelErrorsTest {
    @Test
    void finds_the_number_behind_an_exception() {
        assertThat(ChannelErrors.errno(new IOException("Too many open files"))).isEqualTo(Errno.EMFILE);
        assertThat(ChannelErrors.errno(new IOException("Too many open files in system")))
                .isEqualTo(Errno.ENFILE);
        assertThat(ChannelErrors.errno(new SocketException("Connection reset"))).isEqualTo(Errno.ECONNRESET);
        assertThat(ChannelErrors.errno(new IOException("Broken pipe"))).isEqualTo(Errno.EPIPE);
        assertThat(ChannelErrors.errno(new ConnectException("Verbindungsaufbau abgelehnt")))
                .isEqualTo(Errno.ECONNREFUSED);
        assertThat(ChannelErrors.errno(new ClosedChannelException())).isEqualTo(Errno.ECANCELED);
        assertThat(ChannelErrors.errno(new IOException("never heard of"))).isEqualTo(Errno.EIO);
    }
}

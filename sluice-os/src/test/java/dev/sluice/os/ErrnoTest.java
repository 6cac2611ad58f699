package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ErrnoTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void linuxNumbersAreThoseOfTheHeader() {
        assertThat(Errno.EPERM).isEqualTo(1);
        assertThat(Errno.EAGAIN).isEqualTo(11).isEqualTo(Errno.EWOULDBLOCK);
        assertThat(Errno.ENOSYS).isEqualTo(38);
        assertThat(Errno.EADDRINUSE).isEqualTo(98);
        assertThat(Errno.ENOBUFS).isEqualTo(105);
        assertThat(Errno.ECANCELED).isEqualTo(125);
        assertThat(Errno.EHWPOISON).isEqualTo(133);
        assertThat(Errno.describe(Errno.EADDRINUSE)).isEqualTo("EADDRINUSE (98), address already in use");
    }

    @Test
    @EnabledOnOs(OS.MAC)
    void macosNumbersAreThoseOfTheHeader() {
        assertThat(Errno.EAGAIN).isEqualTo(35);
        assertThat(Errno.EADDRINUSE).isEqualTo(48);
        assertThat(Errno.ECANCELED).isEqualTo(89);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void everyConstantNamesItself() throws IllegalAccessException {
        int seen = 0;
        for (Field field : Errno.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && !field.getName().equals("EWOULDBLOCK")) {
                assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName());
                assertThat(Errno.meaning(field.getInt(null))).isNotBlank().isNotEqualTo("unknown error");
                seen++;
            }
        }
        assertThat(seen).isEqualTo(131); // 1 to 133 without 41 and 58
    }

    @Test
    void unknownNumbersAreSaidAsTheyAre() {
        assertThat(Errno.describe(4000)).isEqualTo("errno 4000, unknown error");
        assertThat(Errno.name(0)).isEqualTo("errno 0");
    }

    @Test
    void exceptionSaysCallSubjectNumberMeaningAndCure() {
        SysException e = new SysException("bind", "fd=7, 0.0.0.0:80", Errno.EADDRINUSE);
        assertThat(e)
                .hasMessage("bind(fd=7, 0.0.0.0:80): " + Errno.describe(Errno.EADDRINUSE)
                        + "; another socket is bound there: stop it, or choose another port (0 picks a free one)");
        assertThat(e.call()).isEqualTo("bind");
        assertThat(e.subject()).isEqualTo("fd=7, 0.0.0.0:80");
        assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE);
        assertThat(e.errnoName()).isEqualTo("EADDRINUSE");
        assertThat(new SysException("bind", "", Errno.EACCES)).hasMessageContaining("CAP_NET_BIND_SERVICE");
        assertThat(new SysException("io_uring_setup", "", Errno.EPERM)).hasMessageContaining("use epoll");
        assertThat(new SysException("read", "fd=3", Errno.EIO)).hasMessage("read(fd=3): EIO (5), input/output error");
    }

    @Test
    void checkPassesResultsAndThrowsErrors() {
        assertThat(SysException.check(5, "socket", "")).isEqualTo(5);
        assertThat(SysException.check(1L << 40, "mmap", "")).isEqualTo(1L << 40);
        assertThatCode(() -> SysException.check(0, "close", "fd=1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> SysException.check(-Errno.EBADF, "close", "fd=1"))
                .isInstanceOf(SysException.class)
                .hasMessageStartingWith("close(fd=1): EBADF (9)");
        assertThatThrownBy(() -> SysException.check((long) -Errno.EBADF, "close", "fd=1"))
                .isInstanceOf(SysException.class);
    }

    @Test
    void aTakenPortIsRefusedInWords() {
        try (Loopback net = new Loopback()) {
            int listener = net.listener(0);
            InetSocketAddress taken = (InetSocketAddress) Sockets.localAddress(listener, net.state);
            int fd = net.own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, net.state));
            int result = Sockets.bind(fd, taken, Sockets.AF_INET, net.state);
            assertThat(net.state.errno()).isEqualTo(Errno.EADDRINUSE);
            assertThatThrownBy(() -> SysException.check(result, "bind", "fd=" + fd + ", " + taken))
                    .hasMessageStartingWith("bind(fd=" + fd + ", /127.0.0.1:" + taken.getPort() + "): EADDRINUSE (");
        }
    }
}

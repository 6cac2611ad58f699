package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Availability;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UringProbeTest {
    private static Availability explain(String errno, String disabled, String seccomp) {
        int number = switch (errno) {
            case "EPERM" -> Errno.EPERM;
            case "ENOSYS" -> Errno.ENOSYS;
            case "EINVAL" -> Errno.EINVAL;
            case "ENOMEM" -> Errno.ENOMEM;
            case "EMFILE" -> Errno.EMFILE;
            default -> throw new IllegalArgumentException(errno);
        };
        String status = "Name:\tjava\nNoNewPrivs:\t0\nSeccomp:\t" + seccomp + "\nSeccomp_filters:\t2\n";
        return UringProbe.explain(
                new SysException("io_uring_setup", "8, flags=0x1", number), disabled, status, UringProbe.USE_EPOLL);
    }

    @ParameterizedTest
    @CsvSource({
        "EPERM, 2, 0, kernel.io_uring_disabled is 2, sysctl kernel.io_uring_disabled=0",
        "EPERM, 2, 2, kernel.io_uring_disabled is 2, sysctl kernel.io_uring_disabled=0",
        "EPERM, 1, 0, kernel.io_uring_disabled is 1, add this user to that group",
        "EPERM, 0, 2, seccomp filter forbids io_uring, seccomp profile",
        "ENOSYS, 0, 2, seccomp filter forbids io_uring, seccomp profile",
        "ENOSYS, '', 0, this kernel has no io_uring, Linux 6.0 or newer",
        "EINVAL, 0, 0, too old, Linux 6.0 or newer",
        "ENOMEM, 0, 0, no memory that a ring may lock, ulimit -l",
        "EMFILE, 0, 0, raise 'ulimit -n', mend that",
    })
    void tells_apart_what_forbids_a_ring(String errno, String disabled, String seccomp, String reason, String cure) {
        Availability availability = explain(errno, disabled, seccomp);
        assertThat(availability.available()).isFalse();
        assertThat(availability.reason()).contains(reason);
        assertThat(availability.cure()).contains(cure).endsWith("or use --model epoll");
    }

    @Test
    void a_trial_leaves_nothing_behind_and_can_be_repeated() {
        Availability first = UringEngine.availability();
        for (int i = 0; i < 50; i++) {
            assertThat(UringEngine.availability()).isEqualTo(first);
        }
    }
}

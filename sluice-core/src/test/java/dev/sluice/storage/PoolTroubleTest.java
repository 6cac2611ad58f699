package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.os.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A system that has no thread left for a disk. */
@Timeout(30)
class PoolTroubleTest {
    /** One that the system doesn't start. */
    private static final class Unstarted extends Thread {
        @Override
        public void start() {
            throw new OutOfMemoryError("unable to create native thread, on purpose");
        }
    }

    private static List<Long> removeTwo(DrivenDisk disk) {
        List<Long> told = new ArrayList<>();
        disk.remove("/absent/one", told::add);
        disk.remove("/absent/two", told::add);
        for (int looks = 0; told.size() < 2 && looks < 20; looks++) {
            disk.poll(TimeUnit.MILLISECONDS.toNanos(500));
        }
        return told;
    }

    @Test
    void withoutAnyThreadOperationsAreTold() {
        var carrier = new PoolCarrier(2, body -> new Unstarted());
        try (DrivenDisk disk = new CarriedDisk(DiskOptions.standard(), carrier, null, null)) {
            assertThat(removeTwo(disk)).containsExactly((long) -Errno.EAGAIN, (long) -Errno.EAGAIN);
        }
    }

    @Test
    void theThreadsThatThereAreDoItAll() {
        boolean[] started = new boolean[1];
        var carrier = new PoolCarrier(2, body -> {
            boolean first = !started[0];
            started[0] = true;
            return first ? new Thread(body) : new Unstarted();
        });
        try (DrivenDisk disk = new CarriedDisk(DiskOptions.standard(), carrier, null, null)) {
            assertThat(removeTwo(disk)).containsExactly((long) -Errno.ENOENT, (long) -Errno.ENOENT);
        }
    }
}

package dev.sluice.sim.example;

// example:begin
import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.LongConsumer;

/** Appends each byte to a file, and sends it back when it is kept. */
public class Journal implements Session {
    protected final Connection connection;
    protected final Disk disk;
    protected int file;
    private long end;

    public Journal(Connection connection, Disk disk) {
        this.connection = connection;
        this.disk = disk;
    }

    @Override
    public void opened() {
        connection.pauseReading();
        disk.open("/journal", Set.of(DiskOption.WRITE), orAbort(descriptor -> {
            file = (int) descriptor;
            connection.resumeReading();
        }));
    }

    @Override
    public void received(ByteBuffer input) {
        byte next = input.get();
        connection.pauseReading();
        disk.write(file, ByteBuffer.wrap(new byte[] {next}), end++, orAbort(count -> written(next)));
    }

    protected void written(byte next) {
        kept(next);
    }

    protected void kept(byte next) {
        connection.write(ByteBuffer.wrap(new byte[] {next}));
        connection.resumeReading();
    }

    protected LongConsumer orAbort(LongConsumer then) {
        return result -> {
            if (result < 0) {
                connection.abort();
            } else {
                then.accept(result);
            }
        };
    }

    @Override
    public void ended() {
        connection.end();
    }

    @Override
    public void closed(Cause cause) {
        disk.close(file, result -> {});
    }
}
// example:end

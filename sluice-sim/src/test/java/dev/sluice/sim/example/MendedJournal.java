package dev.sluice.sim.example;

import dev.sluice.Connection;
import dev.sluice.disk.Disk;

/** The journal with its sync. */
public final class MendedJournal extends Journal {
    public MendedJournal(Connection connection, Disk disk) {
        super(connection, disk);
    }

    // example:begin
    @Override
    protected void written(byte next) {
        disk.sync(file, orAbort(done -> kept(next)));
    }
    // example:end
}

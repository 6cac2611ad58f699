/** The command line. */
module dev.sluice.cli {
    requires dev.sluice.admin;
    requires dev.sluice.core;
    requires dev.sluice.http;
    requires dev.sluice.kv;
    requires dev.sluice.lab;
    requires dev.sluice.proxy;
    requires dev.sluice.sim;
    requires info.picocli;
    requires static org.jspecify;

    // Makes the commands, and the providers whose services run in worker processes, by reflection.
    opens dev.sluice.cli to
            info.picocli,
            dev.sluice.core;
}

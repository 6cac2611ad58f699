/** The command line. */
module dev.sluice.cli {
    requires dev.sluice.core;
    requires dev.sluice.http;
    requires info.picocli;
    requires static org.jspecify;
}

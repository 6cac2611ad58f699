/** What is going on inside a server: metrics, health and dumps on a listener of its own. */
module dev.sluice.admin {
    requires transitive dev.sluice.core;
    requires transitive dev.sluice.http;
    requires io.prometheus.metrics.config;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.management;
    requires static org.jspecify;

    exports dev.sluice.admin;
}

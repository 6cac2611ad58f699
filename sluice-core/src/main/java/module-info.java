/** The contract between a protocol and an I/O model, and the models. */
module dev.sluice.core {
    requires transitive dev.sluice.os;
    requires java.management;
    requires jdk.jfr;
    requires org.jctools.core.jdk11;
    requires static transitive org.jspecify;

    exports dev.sluice;
    exports dev.sluice.disk;
    exports dev.sluice.engine;
    exports dev.sluice.events;
    exports dev.sluice.observe;
    exports dev.sluice.sim;
    exports dev.sluice.style;
    exports dev.sluice.threading;
}

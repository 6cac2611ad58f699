/** Measures: the load generator, the comparison of models, advice, reports. */
module dev.sluice.lab {
    requires transitive dev.sluice.core;
    requires com.fasterxml.jackson.databind;
    requires HdrHistogram;
    requires java.management;
    requires jdk.management;
    requires static org.jspecify;

    exports dev.sluice.lab.load;
    exports dev.sluice.lab.compare;
    exports dev.sluice.lab.advise;
    exports dev.sluice.lab.disk;
    exports dev.sluice.lab.preflight;
    exports dev.sluice.lab.report;

    // Records are read and written by reflection.
    opens dev.sluice.lab.load to
            com.fasterxml.jackson.databind;
    opens dev.sluice.lab.compare to
            com.fasterxml.jackson.databind;
    opens dev.sluice.lab.report to
            com.fasterxml.jackson.databind;
}

/** Simulation above the world: scenes of the bundled services, campaigns over seeds, and an extension of JUnit. */
module dev.sluice.sim {
    requires transitive dev.sluice.core;
    requires dev.sluice.http;
    requires dev.sluice.kv;
    requires dev.sluice.proxy;
    requires static org.jspecify;
    // Whoever uses dev.sluice.sim.junit has it.
    requires static org.junit.jupiter.api;

    exports dev.sluice.sim.campaign;
    exports dev.sluice.sim.junit;
    exports dev.sluice.sim.scenes;
}

/** A durable key-value store that speaks the Redis protocol. */
module dev.sluice.kv {
    requires transitive dev.sluice.core;
    requires static org.jspecify;

    exports dev.sluice.kv;
    exports dev.sluice.kv.log;
}

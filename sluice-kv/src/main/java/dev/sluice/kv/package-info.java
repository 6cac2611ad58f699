/** A durable key-value store that speaks the Redis protocol, RESP2 and RESP3. */
@org.jspecify.annotations.NullMarked
package dev.sluice.kv;

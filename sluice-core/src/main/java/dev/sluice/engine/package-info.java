/** How an operation waits: one small file for each engine, behind {@link dev.sluice.engine.Engine}. */
@org.jspecify.annotations.NullMarked
package dev.sluice.engine;

/**
 * Three ways to write a session: steps of callbacks ({@link dev.sluice.style.Steps}), promises ({@link
 * dev.sluice.style.AsyncConnection}), and sequential code ({@link dev.sluice.style.BlockingConnection}). All of them are
 * sessions like any other, so they run on every model and mix in one service.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.style;

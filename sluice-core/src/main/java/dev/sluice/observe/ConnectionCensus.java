package dev.sluice.observe;

import java.util.List;

/**
 * Some or all connections of a server.
 *
 * @param open how many there are
 * @param connections those that were asked for, as far as the limit went
 * @param silent loops and connections that did not answer in time: something holds them
 */
public record ConnectionCensus(long open, List<ConnectionReport> connections, List<String> silent) {}

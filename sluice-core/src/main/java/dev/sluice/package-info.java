/** What users program against: services, sessions, connections, servers, clients, and the table of models. */
@org.jspecify.annotations.NullMarked
package dev.sluice;

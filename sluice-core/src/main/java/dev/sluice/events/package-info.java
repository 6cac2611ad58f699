/** What a serialization domain can be told besides its connections' bytes: signals, processes, files, datagrams, names. */
@org.jspecify.annotations.NullMarked
package dev.sluice.events;

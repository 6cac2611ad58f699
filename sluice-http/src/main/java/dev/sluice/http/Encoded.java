package dev.sluice.http;

/**
 * A response's bytes for the usual request: HTTP/1.1, and the connection lives on.
 *
 * @param second when it was encoded, in seconds since the epoch: the date is in it
 * @param bytes head and, where it is short, body
 * @param headLength bytes of the head
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier that nobody compares
record Encoded(long second, byte[] bytes, int headLength) {}

package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import java.util.Arrays;
import java.util.List;

/** What was compared: the words for it, and the figures that it has. */
enum Subject {
    /** Servers, by {@code sluice compare}. */
    SERVERS(
            "server",
            "a request",
            "answers the most",
            new Terms(
                    "Sluice comparison",
                    "Server",
                    "Answers a second",
                    "CPU time of the server for each request",
                    "How long the answers took")),
    /** Disk engines, by {@code sluice disk}; each way to the file stands where a server does, and operations are its requests. */
    DISK(
            "engine",
            "an operation",
            "does the most",
            new Terms(
                    "Sluice disk comparison",
                    "Engine",
                    "Operations a second",
                    "CPU time of the process for each operation, filling and checking its block included",
                    "How long the operations took"));

    /** The page's words that differ. */
    record Terms(String eyebrow, String server, String throughput, String cpu, String latency) {}

    private final String thing;
    private final String aRequest;
    private final String leads;

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final Terms terms;

    Subject(String thing, String aRequest, String leads, Terms terms) {
        this.thing = thing;
        this.aRequest = aRequest;
        this.leads = leads;
        this.terms = terms;
    }

    static Subject of(Results results) {
        return of(results.workload().preset());
    }

    /** That of a workload, by the name of its preset. */
    static Subject of(String preset) {
        return preset.startsWith(Results.Workload.DISK_PRESET) ? DISK : SERVERS;
    }

    /** One of those that are compared: "server". */
    String thing() {
        return thing;
    }

    /** What one does: "a request". */
    String aRequest() {
        return aRequest;
    }

    /** What is varied, with its article left out: "value of connections". */
    String value(String sweep) {
        return this == DISK ? "depth" : "value of " + sweep;
    }

    /** What the first is said to do. */
    String leads() {
        return leads;
    }

    Terms terms() {
        return terms;
    }

    /** The figures that it can have, in the order of the table. */
    List<Figure> figures() {
        return Arrays.stream(Figure.values())
                .filter(figure -> figure.isOf(this))
                .toList();
    }
}

package dev.sluice.conformance;

/** How much the suite does: the system property {@code sluice.tier}. */
enum Tier {
    /** While one works. */
    QUICK(4, 300),
    /** What a change must pass. */
    PLAIN(16, 2_000),
    /** Before a release. */
    FULL(64, 10_000);

    /** Bytes of a large stream. */
    final int streamBytes;
    /** Connections one after another. */
    final int connections;

    Tier(int streamMebibytes, int connections) {
        this.streamBytes = streamMebibytes << 20;
        this.connections = connections;
    }

    static Tier now() {
        return switch (System.getProperty("sluice.tier", "quick")) {
            case "quick" -> QUICK;
            case "plain" -> PLAIN;
            case "full" -> FULL;
            default -> throw new IllegalArgumentException("sluice.tier is none of quick, plain, full");
        };
    }
}

package dev.sluice.proxy;

import dev.sluice.Connection;

/**
 * Whether one direction of a relay brings much at a time, so that its bytes had better stay in the kernel. Measured (docs/proxy.md): for
 * little a pipe costs more than a copy, for much it costs less.
 */
final class Bulk {
    /** As much as this, so often in a row, is much; less than that is little. */
    private static final int MUCH_BYTES = 48 * 1024;

    private static final int LITTLE_BYTES = 16 * 1024;
    private static final int IN_A_ROW = 4;

    private int much;
    private int little;

    /** So many bytes came into memory. */
    void received(Connection connection, long bytes) {
        much = bytes >= MUCH_BYTES ? much + 1 : 0;
        if (much == IN_A_ROW) {
            little = 0;
            connection.receiveInKernel(true);
        }
    }

    /** So many bytes came, and stayed in the kernel. */
    void receivedInKernel(Connection connection, long bytes) {
        little = bytes < LITTLE_BYTES ? little + 1 : 0;
        if (little == IN_A_ROW) {
            much = 0;
            connection.receiveInKernel(false);
        }
    }
}

package dev.sluice.conformance;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** The JDK's own datagram socket as a client, which asks again where a datagram is lost. */
final class UdpClient implements AutoCloseable {
    private static final int TRIES = 20;

    private final DatagramSocket socket;
    private final InetSocketAddress server;

    UdpClient(String address, int port) throws IOException {
        socket = new DatagramSocket(0, InetAddress.getByName(address));
        server = new InetSocketAddress(address, port); // not connected: the JDK sends nothing then for an empty one
    }

    int localPort() {
        return socket.getLocalPort();
    }

    void send(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    /** Sends, and the answer. */
    String ask(String text) throws IOException {
        socket.setSoTimeout(500);
        DatagramPacket answer = new DatagramPacket(new byte[65_507], 65_507);
        for (int i = 0; i < TRIES; i++) {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
            try {
                socket.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.ISO_8859_1);
            } catch (SocketTimeoutException lost) {
                continue;
            }
        }
        throw new AssertionError("no answer to " + TRIES + " datagrams");
    }

    /** Reads what has come, until nothing more does. */
    void drain() throws IOException {
        socket.setSoTimeout(100);
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                socket.receive(packet);
            }
        } catch (SocketTimeoutException silent) {
            return;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}

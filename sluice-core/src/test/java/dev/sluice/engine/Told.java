package dev.sluice.engine;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What an engine told of one handle, in order; a test may put something in the place of a callback. */
class Told implements Completion {
    final List<String> order = new ArrayList<>();
    final List<Handle> newcomers = new ArrayList<>();
    final List<Integer> acceptFailures = new ArrayList<>();
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Long> sent = new ArrayList<>();
    final List<Integer> ends = new ArrayList<>();
    final List<Integer> connected = new ArrayList<>();
    int receives;
    int closed;
    Consumer<ByteBuffer> onReceived = bytes -> {};
    Runnable onEnd = () -> {};
    Runnable onSent = () -> {};
    Consumer<Handle> onAccepted = peer -> {};
    Runnable onAcceptFailed = () -> {};

    @Override
    public void accepted(Handle peer) {
        order.add("accepted");
        newcomers.add(peer);
        onAccepted.accept(peer);
    }

    @Override
    public void acceptFailed(int result) {
        order.add("acceptFailed");
        acceptFailures.add(result);
        onAcceptFailed.run();
    }

    @Override
    public void connected(int result) {
        order.add("connected");
        connected.add(result);
    }

    @Override
    public void received(ByteBuffer lent) {
        order.add("received");
        receives++;
        byte[] copy = new byte[lent.remaining()];
        lent.get(lent.position(), copy);
        bytes.writeBytes(copy);
        onReceived.accept(lent);
    }

    @Override
    public void receiveEnded(int result) {
        order.add("receiveEnded");
        ends.add(result);
        onEnd.run();
    }

    @Override
    public void sent(long result) {
        order.add("sent");
        sent.add(result);
        onSent.run();
    }

    @Override
    public void closed() {
        order.add("closed");
        closed++;
    }
}

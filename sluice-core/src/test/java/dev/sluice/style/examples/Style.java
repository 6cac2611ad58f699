package dev.sluice.style.examples;

import dev.sluice.Service;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/** The three protocols in one style. */
public enum Style {
    CALLBACKS(LineEchoCallbacks::new, ChatCallbacks::new, FanOutCallbacks::new),
    PROMISES(LineEchoPromises::new, ChatPromises::new, FanOutPromises::new),
    SEQUENTIAL(LineEchoSequential::new, ChatSequential::new, FanOutSequential::new);

    /** Makes the fan-out. */
    private interface FanOut {
        Service of(SocketAddress first, SocketAddress second, Duration deadline);
    }

    private final Supplier<Service> lineEcho;
    private final Function<ChatRoom, Service> chat;
    private final FanOut fanOut;

    Style(Supplier<Service> lineEcho, Function<ChatRoom, Service> chat, FanOut fanOut) {
        this.lineEcho = lineEcho;
        this.chat = chat;
        this.fanOut = fanOut;
    }

    /** Sends each line back. */
    public Service lineEcho() {
        return lineEcho.get();
    }

    /** Tells each line to all in the room. */
    public Service chat(ChatRoom room) {
        return chat.apply(room);
    }

    /** Answers with what two back ends say. */
    public Service fanOut(SocketAddress first, SocketAddress second, Duration deadline) {
        return fanOut.of(first, second, deadline);
    }
}

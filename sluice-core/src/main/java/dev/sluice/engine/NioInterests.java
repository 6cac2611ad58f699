package dev.sluice.engine;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;

/** What a {@link NioEngine}'s selector is to look for, brought in line once before each select. */
final class NioInterests {
    private final Selector selector;
    private final ArrayDeque<NioHandle> dirty = new ArrayDeque<>();

    NioInterests(Selector selector) {
        this.selector = selector;
    }

    void changed(NioHandle h) {
        if (!h.dirty && !h.closed && h.interest != h.wanted()) {
            h.dirty = true;
            dirty.add(h);
        }
    }

    void apply() {
        for (NioHandle h = dirty.poll(); h != null; h = dirty.poll()) {
            h.dirty = false;
            if (!h.closed && h.wanted() != h.interest) {
                apply(h, h.wanted());
            }
        }
    }

    private void apply(NioHandle h, int wanted) {
        h.interest = wanted;
        SelectionKey key = h.key;
        if (key != null) {
            if (key.isValid()) { // the JDK itself closes a channel whose connect failed
                key.interestOps(wanted);
            }
            return;
        }
        try {
            h.key = h.channel.register(selector, wanted, h);
        } catch (IOException e) {
            h.completion().receiveEnded(-ChannelErrors.errno(e));
        }
    }
}

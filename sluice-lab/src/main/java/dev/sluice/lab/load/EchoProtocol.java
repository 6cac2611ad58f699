package dev.sluice.lab.load;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Raw bytes that come back as they went: the answer is the request. */
final class EchoProtocol implements Protocol {
    private final List<byte[]> requests = new ArrayList<>();

    EchoProtocol(Load load) {
        if (!load.headers().isEmpty()) {
            throw new IllegalArgumentException("an echo has no headers: leave header out");
        }
        for (RequestKind kind : load.mix()) {
            if (!kind.method().isEmpty() || kind.body().size() == 0) {
                throw new IllegalArgumentException("an echo sends bytes, no method and target");
            }
            byte[] bytes = new byte[kind.body().size()];
            kind.body().copyTo(bytes, 0);
            requests.add(bytes);
        }
    }

    @Override
    public List<byte[]> requests() {
        return requests;
    }

    @Override
    public Answers answers() {
        return new EchoAnswers();
    }

    private final class EchoAnswers implements Answers {
        private int done;

        @Override
        public Outcome read(ByteBuffer input, int kind) {
            byte[] expected = requests.get(kind);
            int count = Math.min(input.remaining(), expected.length - done);
            for (int i = 0; i < count; i++) {
                if (input.get() != expected[done + i]) {
                    return Outcome.BROKEN;
                }
            }
            done += count;
            if (done < expected.length) {
                return Outcome.MORE;
            }
            done = 0;
            return Outcome.COMPLETE;
        }

        @Override
        public Outcome ended() {
            return Outcome.BROKEN;
        }

        @Override
        public boolean begun() {
            return done > 0;
        }

        @Override
        public boolean last() {
            return false;
        }

        @Override
        public String problem() {
            return "other bytes came back than were sent";
        }

        @Override
        public void reset() {
            done = 0;
        }
    }
}

package dev.sluice.lab.load;

import java.util.List;

/** What is spoken with the server: requests as bytes, and who reads the answers. Immutable; shared by all lanes. */
interface Protocol {
    /** The protocol of the load's URL. */
    static Protocol of(Load load) {
        return Targets.isTcp(load.url()) ? new EchoProtocol(load) : new HttpProtocol(load);
    }

    /** Each kind of request of the load's mix, encoded once, in the mix's order. */
    List<byte[]> requests();

    /** A reader for one connection's answers. */
    Answers answers();
}

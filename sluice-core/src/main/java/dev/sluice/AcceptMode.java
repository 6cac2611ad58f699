package dev.sluice;

/** How newcomers are spread over several loops. */
public enum AcceptMode {
    /** Each loop listens on its own socket (SO_REUSEPORT): nothing shared, the kernel hashes; a slow loop keeps its share. */
    REUSEPORT,
    /** All loops wait on one listening socket (EPOLLEXCLUSIVE where there is one): an idle loop takes more. */
    EXCLUSIVE,
    /** The first loop accepts and hands over in turn: even counts, one more hop for each newcomer. */
    HANDOFF
}

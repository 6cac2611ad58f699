/** The kernel through {@code java.lang.foreign}; the only module that touches the linker. */
module dev.sluice.os {
    requires static org.jspecify;
}

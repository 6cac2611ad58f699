/** The operating system through {@code java.lang.foreign}: one class a facility, and no policy. */
module dev.sluice.os {
    requires static transitive org.jspecify;

    exports dev.sluice.os;
}

/** The contract between a protocol and an I/O model, and the models. */
module dev.sluice.core {
    requires dev.sluice.os;
    requires org.jctools.core.jdk11;
    requires static org.jspecify;
}

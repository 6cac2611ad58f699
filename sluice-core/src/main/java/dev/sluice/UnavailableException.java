package dev.sluice;

/** This machine can't run a model. The message says why, and the cure. */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String model, Availability availability) {
        super("model " + model + " is not available here: " + availability.reason() + "; " + availability.cure());
    }
}

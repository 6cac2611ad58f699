package dev.sluice;

/**
 * Whether this machine can run a model.
 *
 * @param available whether it can
 * @param reason why not, or what was found (features that are active or missing)
 * @param cure what to do where it is not available; else empty
 */
public record Availability(boolean available, String reason, String cure) {
    public static Availability yes(String found) {
        return new Availability(true, found, "");
    }

    public static Availability no(String reason, String cure) {
        return new Availability(false, reason, cure);
    }
}

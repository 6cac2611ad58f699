package dev.sluice.http;

/** The answers that the session gives by itself. */
final class Responses {
    /** As many requests are in hand as may be, or as workers can take. */
    static final Response BUSY = Response.builder(503)
            .header("Retry-After", "1")
            .contentType("text/plain; charset=utf-8")
            .body("503 Service Unavailable: too many requests at once\n")
            .build();

    /** The request's deadline passed before its handler had answered. */
    static final Response LATE = Response.text(503, "503 Service Unavailable: the answer was not ready in time\n");

    /** To {@code OPTIONS *}, which asks about the server as a whole. */
    static final Response OPTIONS =
            Response.builder(204).header("Allow", Methods.IMPLEMENTED).build();

    /** A handler threw; what, is for the log alone. */
    static final Response FAILED = Response.text(500, "500 Internal Server Error\n");

    /** To a request for another protocol; the head is the gateway's. Stands for it in what is left of the exchange. */
    static final Response SWITCHING = Response.of(200);

    /** What stands for responses whose heads are passed on, by status. */
    private static final Response[] RELAYED = new Response[600];

    static {
        for (int status = 200; status < RELAYED.length; status++) {
            RELAYED[status] = Response.of(status);
        }
    }

    private Responses() {}

    /** What stands for a response whose head is passed on. */
    static Response relayed(int status) {
        return RELAYED[status];
    }

    /** A refusal, with a word for whoever reads it. */
    static Response problem(int status, String why) {
        return Response.text(status, status + " " + Status.reason(status) + ": " + why + "\n");
    }
}

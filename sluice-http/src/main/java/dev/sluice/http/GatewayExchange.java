package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Session;
import org.jspecify.annotations.Nullable;

/**
 * A request that is passed on, and the response that is passed back, as bytes: nothing is decoded but framing.
 *
 * <p>All methods are called in the serialization domain of the client's connection. That is also the domain of what {@link
 * dev.sluice.Client#dial(Connection, java.net.SocketAddress, dev.sluice.Service)} opens for it, so both sides' callbacks may
 * call the other.
 */
public final class GatewayExchange {
    private final Exchange exchange;
    private final RequestHead head;

    GatewayExchange(Exchange exchange) {
        this.exchange = exchange;
        this.head = exchange.request().head();
    }

    // ---- the request

    /** The client's connection: to dial with, for its clock, timers and randomness. Never to be written to or read from. */
    public Connection connection() {
        return exchange.connection();
    }

    public Request request() {
        return exchange.request();
    }

    /** The request's fields; the exchange's own for its whole life. */
    public MessageHead head() {
        return head;
    }

    /** The body's length in bytes; 0 for none, -1 where it is chunked. */
    public long bodyLength() {
        return head.contentLength;
    }

    /** Whether the client waits for 100 (Continue) before it sends the body. */
    public boolean expectsContinue() {
        return exchange.expectsContinue();
    }

    /** Adds the target in the form that a server is sent: path and query, whatever form it came in (RFC 9112 section 3.2.1). */
    public void target(HeadBytes to) {
        if (head.pathStart == head.targetEnd || head.at(head.pathStart) == '?') {
            to.text("/");
        }
        head.copyText(head.pathStart, head.targetEnd, to);
    }

    /** Offers the body to a reader, who may leave it unread until {@link #resume}. */
    public void read(BodyReader reader) {
        exchange.connection().readIndependently(); // a response may be on its way while the body still comes
        exchange.body().readForGateway(reader);
    }

    /** Offers no more of the body. */
    public void pause() {
        exchange.body().pauseForGateway();
    }

    /** Offers again what was left unread. */
    public void resume() {
        exchange.body().resumeForGateway();
    }

    /** The lines behind a chunked body that has ended, each with its line end; null for none. */
    public @Nullable HeadBytes trailers() {
        return exchange.body().trailers();
    }

    /** Sets what runs if the client is gone before its response is whole. */
    public void onAbandoned(Runnable task) {
        exchange.onAbandoned(task);
    }

    // ---- the response

    /** Answers in the other server's place; a second answer is dropped. */
    public void respond(Response response) {
        exchange.respondForGateway(response);
    }

    /**
     * Passes a response's head on.
     *
     * @param status 200 to 599
     * @param fields lines, without those that frame the body or are about the connection; copied
     * @param dated whether a Date is among them
     * @param length of the body, -1 where it is not known
     * @return what writes the body; null where none follows or the request is answered already
     */
    public @Nullable BodyWriter respond(int status, HeadBytes fields, boolean dated, long length) {
        return exchange.relay(status, fields, dated, length);
    }

    /** Passes a response of 1xx on, to a client that can have one. */
    public void informational(int status, HeadBytes fields) {
        exchange.relayInformational(status, fields);
    }

    /**
     * Answers with 101 and leaves the connection to another session: it is told of what is received, drained, ended and
     * closed, and may write to the connection, pause and end it.
     */
    public void switchProtocols(HeadBytes fields, Session successor) {
        exchange.switchTo(fields, successor);
    }
}

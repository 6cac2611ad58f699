package dev.sluice.source;

import dev.sluice.engine.Poller;
import dev.sluice.engine.Watch;
import dev.sluice.events.Child;
import dev.sluice.events.ChildHandler;
import dev.sluice.events.Command;
import dev.sluice.events.Exit;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.ExitStatus;
import dev.sluice.os.PidFd;
import dev.sluice.os.Platform;
import java.nio.ByteBuffer;

/**
 * A child process: three pipes and a pidfd, which is readable once it has ended. Until it is waited for it keeps its domain,
 * so that no zombie is left.
 */
final class ChildProcess extends OpenSource implements Child {
    private final ChildHandler handler;
    private final int pid;
    private final int pidFd;
    private final Watch end;
    private final StreamWriter input;
    private final StreamReader output;
    private final StreamReader errors;
    private final int outputFd;
    private final int errorsFd;
    private boolean reaped;

    private ChildProcess(DomainEvents events, ChildHandler handler, Spawned spawned) {
        super(events);
        this.handler = handler;
        this.pid = spawned.pid();
        this.pidFd = spawned.pidFd();
        this.outputFd = spawned.output();
        this.errorsFd = spawned.errors();
        this.input = new StreamWriter(events, spawned.input(), () -> call(handler::inputDrained));
        this.output = new StreamReader(events, outputFd, false, new Output(false));
        this.errors = new StreamReader(events, errorsFd, false, new Output(true));
        this.end = events.home().watch(pidFd, this::ended);
        end.arm(Poller.IN);
    }

    static ChildProcess start(DomainEvents events, Command command, ChildHandler handler) {
        return new ChildProcess(events, handler, Spawned.start(command, events.state()));
    }

    /** One of its two outputs. */
    private final class Output implements StreamReader.Listener {
        private final boolean ofErrors;

        Output(boolean ofErrors) {
            this.ofErrors = ofErrors;
        }

        @Override
        public void offered(ByteBuffer bytes) {
            call(() -> {
                if (ofErrors) {
                    handler.errors(bytes);
                } else {
                    handler.output(bytes);
                }
            });
        }

        @Override
        public void over(int result) {
            Descriptors.close(ofErrors ? errorsFd : outputFd, events.state());
            settle();
        }
    }

    private void ended(int found) {
        CallState state = events.state();
        if (found < 0) {
            signal(Platform.SIGKILL); // this engine can't watch it (select(2) beyond 1,024): so it can't be left alone
        }
        int status = found < 0 ? PidFd.await(pidFd, state) : PidFd.reap(pidFd, state);
        if (status < 0) {
            end.arm(Poller.IN); // EAGAIN: it was reported and has not ended
            return;
        }
        reaped = true;
        end.close();
        Descriptors.close(pidFd, state);
        input.close();
        if (isClosed()) {
            events.ended(this);
            return;
        }
        int signal = ExitStatus.signal(status);
        call(() -> handler.exited(signal != 0 ? new Exit(-1, signal) : new Exit(status, 0)));
        settle();
    }

    /** Once it is waited for and its outputs are at their ends, nothing is left. */
    private void settle() {
        if (reaped && output.isClosed() && errors.isClosed() && !isClosed()) {
            call(handler::closed);
            close();
        }
    }

    // ---- Child

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        return input.write(bytes);
    }

    @Override
    public void endInput() {
        input.end();
    }

    @Override
    public void pauseOutput() {
        output.pause();
        errors.pause();
    }

    @Override
    public void resumeOutput() {
        output.resume();
        errors.resume();
    }

    @Override
    public void terminate() {
        signal(Platform.SIGTERM);
    }

    @Override
    public void kill() {
        signal(Platform.SIGKILL);
    }

    private void signal(int number) {
        if (!reaped) {
            PidFd.sendSignal(pidFd, number, events.state()); // ESRCH: it has ended, and is waited for soon
        }
    }

    @Override
    void release() {
        CallState state = events.state();
        signal(Platform.SIGKILL);
        input.close();
        if (!output.isClosed()) {
            output.close();
            Descriptors.close(outputFd, state);
        }
        if (!errors.isClosed()) {
            errors.close();
            Descriptors.close(errorsFd, state);
        }
        if (reaped) {
            events.ended(this);
        }
    }
}

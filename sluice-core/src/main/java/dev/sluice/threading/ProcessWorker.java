package dev.sluice.threading;

import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.ServerStats;
import java.time.Duration;

/**
 * One of the processes that share a port ({@link Processes}): a whole server on its model, with its master's listening socket
 * or one beside it.
 */
public final class ProcessWorker implements MasterLink.Orders {
    private final MasterLink link = new MasterLink();
    private final Threading.Running running;
    private volatile WorkerReport.State doing = WorkerReport.State.IDLE;
    private volatile long cut;

    private ProcessWorker(WorkerSetup setup) {
        Model model = Models.choose(setup.model());
        boolean inherits = model.can(Model.Ability.INHERITED_LISTENER);
        running = model.threading()
                .get()
                .start(new Setup(
                        model,
                        setup.options(),
                        setup.address(),
                        null,
                        setup.providerClass(),
                        setup.arguments(),
                        inherits ? WorkerCommand.LISTENER : Setup.OWN_LISTENER,
                        true));
    }

    /** Started by a master only, with its descriptors. */
    public static void main(String[] arguments) throws InterruptedException {
        WorkerSetup setup = MasterLink.receiveSetup();
        if (setup == null) {
            return;
        }
        ProcessWorker worker = new ProcessWorker(setup);
        worker.report();
        worker.link.listen(worker);
        Thread.currentThread().join(); // the model's threads are daemons; an order or the master's end ends the process
    }

    @Override
    public void leave(Duration drain) {
        doing = WorkerReport.State.LEAVING;
        // A thread of its own: the link goes on listening for the master's end.
        Thread.ofPlatform().name("sluice-worker-drain").start(() -> {
            cut = running.stop(drain);
            report();
            System.exit(0);
        });
    }

    @Override
    public void report() {
        ServerStats stats = running.stats();
        link.report(new WorkerReport(doing, cut, stats));
    }

    @Override
    public void acceptAgain() {
        running.acceptAgain();
    }
}

package dev.sluice.proxy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many requests may be sent a second time: a part of those that come, so that back ends in trouble are not asked for more
 * than they were before. A bucket of tokens; safe for use from any thread.
 */
final class RetryBudget {
    /** A token, in the parts that requests earn. */
    private static final long TOKEN = 1_000;

    private final long earned;
    private final long most;
    private final AtomicLong balance;

    /**
     * A full budget.
     *
     * @param ratio of the requests, 0 to 1
     * @param reserve tokens that it holds at most, and at first
     */
    RetryBudget(double ratio, int reserve) {
        this.earned = Math.round(ratio * TOKEN);
        this.most = reserve * TOKEN;
        this.balance = new AtomicLong(most);
    }

    /** A request came. While the budget is full, this is a look and no more. */
    void earn() {
        if (balance.get() < most) {
            balance.addAndGet(earned); // may pass the bound by as much as there are threads
        }
    }

    /** Requests that may be sent a second time now. */
    double tokens() {
        return (double) balance.get() / TOKEN;
    }

    /** Spends a token; false where there is none. */
    boolean spend() {
        long had = balance.get();
        while (had >= TOKEN) {
            if (balance.compareAndSet(had, had - TOKEN)) {
                return true;
            }
            had = balance.get();
        }
        return false;
    }
}

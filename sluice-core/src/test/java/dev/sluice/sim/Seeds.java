package dev.sluice.sim;

/** How many worlds a test plays. */
final class Seeds {
    private static final int QUICK_PART = 10;

    private Seeds() {}

    /** So many, or a part of them in tier quick; {@code -Dsluice.sim.seeds=N} comes before both. */
    static int count(int usual) {
        boolean quick = System.getProperty("sluice.tier", "quick").equals("quick");
        return Integer.getInteger("sluice.sim.seeds", quick ? usual / QUICK_PART : usual);
    }
}

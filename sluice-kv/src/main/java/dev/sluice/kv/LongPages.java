package dev.sluice.kv;

import java.util.Arrays;

/**
 * A list of longs, zero where nothing was set, in pages that are made when they are first written to: it grows without a pause, where an
 * array would be zeroed and copied as a whole.
 */
final class LongPages {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;

    private long[][] pages;
    private int pageCount;

    /** @param expected how many there will be, so that few need no whole page */
    LongPages(long expected) {
        pages = new long[(int) Math.max(1, (expected + PAGE - 1) >> PAGE_BITS)][];
        if (expected < PAGE) {
            pages[0] = new long[(int) Math.max(1, expected)];
            pageCount = 1;
        }
    }

    long get(long index) {
        int page = (int) (index >> PAGE_BITS);
        if (page >= pages.length || pages[page] == null) {
            return 0;
        }
        int at = (int) index & PAGE - 1;
        return at < pages[page].length ? pages[page][at] : 0;
    }

    void set(long index, long value) {
        int page = (int) (index >> PAGE_BITS);
        if (page >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
        }
        int at = (int) index & PAGE - 1;
        long[] longs = pages[page];
        if (longs == null) {
            longs = new long[PAGE];
            pages[page] = longs;
            pageCount++;
        } else if (at >= longs.length) {
            longs = Arrays.copyOf(longs, Math.min(PAGE, Math.max(at + 1, longs.length * 2)));
            pages[page] = longs;
        }
        longs[at] = value;
    }

    /** Roughly. */
    long heapBytes() {
        long first = pages[0] == null ? 0 : pages[0].length;
        return 8 * (pages.length + (pageCount <= 1 ? first : (long) pageCount * PAGE));
    }
}

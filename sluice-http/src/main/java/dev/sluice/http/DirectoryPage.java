package dev.sluice.http;

import dev.sluice.Directory.Entry;
import java.util.List;

/** A directory's listing as HTML. */
final class DirectoryPage {
    private static final String STYLE = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem}"
            + "td,th{padding:0 1.5rem 0 0;text-align:left}td+td{font-variant-numeric:tabular-nums;color:#555}"
            + "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}td+td{color:#aaa}}";

    private DirectoryPage() {}

    /**
     * Renders a listing.
     *
     * @param path of the directory as people read it, with a slash at both ends
     * @param entries sorted; those that can't be asked for are left out
     * @param cut whether there are more
     */
    static String render(String path, List<Entry> entries, boolean cut) {
        StringBuilder page = new StringBuilder(512 + entries.size() * 128);
        page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\"><title>");
        escape("Index of " + path, page);
        page.append("</title><style>").append(STYLE).append("</style></head>\n<body><h1>");
        escape("Index of " + path, page);
        page.append("</h1>\n<table><thead><tr><th>Name</th><th>Size</th><th>Modified</th></tr></thead>\n<tbody>\n");
        if (!path.equals("/")) {
            page.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        for (Entry entry : entries) {
            if (RequestPath.isShown(entry.name())) {
                row(entry, page);
            }
        }
        page.append("</tbody></table>\n");
        if (cut) {
            page.append("<p>Only the first ").append(entries.size()).append(" entries are shown.</p>\n");
        }
        return page.append("</body></html>\n").toString();
    }

    private static void row(Entry entry, StringBuilder page) {
        String slash = entry.directory() ? "/" : "";
        // Every reserved character is escaped, so that no name can be read as a scheme or a query.
        page.append("<tr><td><a href=\"")
                .append(RequestPath.escape(entry.name()))
                .append(slash)
                .append("\">");
        escape(entry.name(), page);
        page.append(slash).append("</a></td><td>");
        if (!entry.directory()) {
            page.append(entry.sizeBytes());
        }
        page.append("</td><td>").append(HttpDate.format(entry.modifiedMillis())).append("</td></tr>\n");
    }

    private static void escape(String text, StringBuilder page) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> page.append("&amp;");
                case '<' -> page.append("&lt;");
                case '>' -> page.append("&gt;");
                case '"' -> page.append("&quot;");
                case '\'' -> page.append("&#39;");
                default -> page.append(c);
            }
        }
    }
}

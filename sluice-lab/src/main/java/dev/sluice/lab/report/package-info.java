/** What results say: ranking, words, tables, and the HTML file that people show to each other. */
@NullMarked
package dev.sluice.lab.report;

import org.jspecify.annotations.NullMarked;

/** Real and hostile clients against live servers, on one model of each family or on all. */
@NullMarked
package dev.sluice.clients;

import org.jspecify.annotations.NullMarked;

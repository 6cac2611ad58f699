/** The comparison: the same workload against several servers, in rounds, and its results. */
@NullMarked
package dev.sluice.lab.compare;

import org.jspecify.annotations.NullMarked;

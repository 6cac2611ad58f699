/** The load generator: what is asked (a workload), how it is offered (closed or open loop), and what came back. */
@NullMarked
package dev.sluice.lab.load;

import org.jspecify.annotations.NullMarked;

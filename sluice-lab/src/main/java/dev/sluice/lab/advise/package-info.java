/** Which model fits a service: rules that leave out what can't, measurements that decide among the rest. */
@NullMarked
package dev.sluice.lab.advise;

import org.jspecify.annotations.NullMarked;

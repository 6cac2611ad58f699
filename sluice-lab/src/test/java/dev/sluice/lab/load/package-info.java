/** Tests of the load generator, against real servers that behave and that don't. */
package dev.sluice.lab.load;

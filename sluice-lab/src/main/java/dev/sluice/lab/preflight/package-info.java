/** Which limit of this machine would stop very many connections, and how to lift it, before anybody finds out the slow way. */
@NullMarked
package dev.sluice.lab.preflight;

import org.jspecify.annotations.NullMarked;

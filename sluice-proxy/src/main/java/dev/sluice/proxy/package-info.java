/** A reverse proxy: passes requests on to back ends. */
@NullMarked
package dev.sluice.proxy;

import org.jspecify.annotations.NullMarked;

/** What is going on inside a server: metrics, health and dumps on a listener of its own. */
@org.jspecify.annotations.NullMarked
package dev.sluice.admin;

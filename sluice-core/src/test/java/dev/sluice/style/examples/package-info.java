/** The three protocols of docs/styles.md, each in three styles. */
@org.jspecify.annotations.NullMarked
package dev.sluice.style.examples;

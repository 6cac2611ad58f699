/**
 * The contract between a protocol and a model, as tests: one suite, run on every row of {@link dev.sluice.Models}.
 *
 * <p>A session of the suite runs wherever its model puts it, in another process as well: it is a {@link
 * dev.sluice.conformance.Play}, and what it sees comes back as lines of a {@link dev.sluice.conformance.Witness}. What
 * a model can't do is a row of {@link dev.sluice.conformance.Exceptions}, with its reason.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.conformance;

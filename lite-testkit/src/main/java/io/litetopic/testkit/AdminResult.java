package io.litetopic.testkit;

/**
 * What one run of {@code mqadmin} left behind. Stock {@code mqadmin} exits with 0 after many failures too, so read
 * {@code output} before trusting {@code exitCode}.
 *
 * @param exitCode exit code of the process
 * @param output everything it wrote to standard output and standard error, in the order written; may be empty
 */
public record AdminResult(int exitCode, String output) {}

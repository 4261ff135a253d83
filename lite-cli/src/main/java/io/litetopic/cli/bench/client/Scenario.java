package io.litetopic.cli.bench.client;

/** Does one load. */
@FunctionalInterface
interface Scenario {
    /**
     * Blocks until the load is done. Clients may stay open: the process ends after one run, and the official client's close waits
     * for its long polls.
     *
     * @throws LoadFailure if the run does not count
     */
    void run(LoadRun run) throws Exception;
}

package io.litetopic.cli.demo;

/** What a run is doing. */
enum Phase {
    /** Under load, not yet measured. */
    WARM_UP,
    /** The window that the figures are about. */
    MEASURE,
    /** The load has ended, the allowances are still there: well-behaved requests in work may finish. */
    FINISH,
    /** Allowances are lifted, everything is served and checked. */
    DRAIN
}

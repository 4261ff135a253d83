package io.litetopic.it.fault;

/** What a checker may find. */
enum Finding {
    /** The broker had accepted a message, and no listener ever answered SUCCESS. */
    LOST("lost", true),
    /** A message reached a listener although one before it in its lite topic had never been handled with success. */
    OUT_OF_ORDER("out of order", true),
    /** Two listener calls of a lite topic ran at the same time, and the server accepted the results of both. */
    TWO_OWNERS("two owners", true),
    /** A lite topic was delivered before the resume time that its suspend, which the server had accepted, set. */
    EARLY("resumed early", true),
    /** A message was delivered again after the server had accepted its SUCCESS, at a time when no fault explains it. */
    UNEXPLAINED_DUPLICATE("duplicates unexplained", true),
    /** The same, and a crash so soon after the acceptance that its journal record was not written explains it. */
    DUPLICATE("duplicates", false),
    /** A message was delivered again after SUCCESS, but the server had not accepted that. Legal. */
    REDELIVERED("redelivered", false),
    /** Two listener calls of a lite topic ran at the same time. Legal unless both count, see {@link #TWO_OWNERS}. */
    OVERLAP("overlaps", false);

    private final String label;
    private final boolean violation;

    Finding(String label, boolean violation) {
        this.label = label;
        this.violation = violation;
    }

    String label() {
        return label;
    }

    /** Whether it must never happen. */
    boolean isViolation() {
        return violation;
    }
}

package io.litetopic.it.fault;

/** The faults of a schedule. */
enum FaultKind {
    KILL_PROXY("kill -9 of a proxy", Forgets.LAST_FLUSH),
    KILL_BROKER("kill -9 of the broker", Forgets.LAST_FLUSH),
    KILL_CONSUMER("kill -9 of a consumer", Forgets.NOTHING),
    STOP_PROXY("SIGSTOP of a proxy", Forgets.LAST_FLUSH),
    STOP_BROKER("SIGSTOP of the broker", Forgets.LAST_FLUSH),
    STOP_CONSUMER("SIGSTOP of a consumer", Forgets.NOTHING),
    RESTART_PROXY("graceful restart of a proxy", Forgets.NOTHING),
    RESTART_BROKER("graceful restart of the broker", Forgets.NOTHING),
    CUT_LINK("cut between a proxy and the broker", Forgets.WHILE_IT_LASTS),
    FREEZE_LINK("freeze between a proxy and the broker", Forgets.WHILE_IT_LASTS),
    REFUSE_WRITES("broker refuses writes", Forgets.NOTHING),
    CLOCK_AHEAD("proxy's clock 1 h ahead", Forgets.NOTHING),
    CLOCK_BEHIND("proxy's clock 1 h behind", Forgets.NOTHING);

    /** Which acks that the server has accepted a fault may make it forget. */
    enum Forgets {
        NOTHING,
        /** Those of the last moment before it. */
        LAST_FLUSH,
        /** Those, and those that it accepts until the fault is over: its journal is out of reach. */
        WHILE_IT_LASTS
    }

    private final String label;
    private final Forgets forgets;

    FaultKind(String label, Forgets forgets) {
        this.label = label;
        this.forgets = forgets;
    }

    String label() {
        return label;
    }

    Forgets forgets() {
        return forgets;
    }
}

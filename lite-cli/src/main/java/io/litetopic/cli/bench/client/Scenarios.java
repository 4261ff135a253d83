package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.model.CaseSpec;
import io.litetopic.cli.bench.model.HandOver;
import io.litetopic.cli.bench.model.Load;

/** Which class does which load. */
final class Scenarios {
    private Scenarios() {}

    static Scenario of(Load load) {
        return switch (load) {
            case THROUGHPUT -> new ThroughputScenario();
            case DRAIN, HOT -> new DrainScenario();
            case BURST -> new BurstScenario();
            case TENANTS -> new TenantsScenario();
            case RESUME -> new ResumeScenario();
            case HANDOVER -> new HandOverScenario();
            case MILLION -> new MillionScenario();
            case SLOW -> new SlowScenario();
            case IDLE -> new IdleScenario();
        };
    }

    /** How many lite topics the account must have room for. */
    static int liteTopics(CaseSpec spec) {
        return switch (spec.load()) {
            case RESUME -> spec.number("otherSuspended") + ResumeScenario.PROBES;
            case MILLION -> spec.number("liteTopics") + spec.number("probes");
            default -> spec.number("liteTopics");
        };
    }

    /** Whether the load kills a process, after which duplicates are allowed. */
    static boolean kills(CaseSpec spec) {
        return spec.load() == Load.MILLION
                || (spec.load() == Load.HANDOVER && HandOver.of(spec.number("handOver")) == HandOver.KILL);
    }
}

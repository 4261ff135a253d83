package io.litetopic.cli.bench.model;

import java.util.Map;

/**
 * One run of one client against one system: all that the load process needs to know. Travels as JSON.
 *
 * @param endpoints of the proxy
 * @param brokerAddress {@code host:port} of the broker, for filling without the proxy
 * @param repetition from 1
 * @param serverPids by role: {@code server} in local mode, else {@code proxy} and {@code broker}
 * @param parameters by name; see {@link Load}
 */
public record CaseSpec(
        Load load,
        String caseName,
        Contender contender,
        String endpoints,
        String brokerAddress,
        String topic,
        String group,
        int queues,
        int repetition,
        Map<String, Long> serverPids,
        Map<String, Long> parameters) {

    /** @throws IllegalArgumentException if the load's cases do not set it */
    public int number(String parameter) {
        Long value = parameters.get(parameter);
        if (value == null) {
            throw new IllegalArgumentException("case " + caseName + " of load " + load.key() + " has no parameter "
                    + parameter + "; it has " + parameters.keySet());
        }
        return Math.toIntExact(value);
    }
}

package io.litetopic.testkit;

/** How the proxy is deployed. */
public enum ProxyMode {
    /** Proxy and broker share one JVM: the fewest processes, the quickest start. */
    LOCAL("local"),

    /** Broker and proxy run in JVMs of their own, so that each can be stopped without the other. */
    CLUSTER("cluster");

    private final String optionValue;

    ProxyMode(String optionValue) {
        this.optionValue = optionValue;
    }

    /** The value of the proxy's {@code -pm} option. */
    String optionValue() {
        return optionValue;
    }
}

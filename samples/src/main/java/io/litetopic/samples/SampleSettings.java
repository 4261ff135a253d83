package io.litetopic.samples;

import org.apache.rocketmq.client.apis.ClientConfiguration;

/**
 * Where the samples connect to: system properties {@code endpoints} (127.0.0.1:8081), {@code topic} (inference) and
 * {@code group} (workers).
 */
final class SampleSettings {

    private SampleSettings() {}

    static ClientConfiguration clientConfiguration() {
        return ClientConfiguration.newBuilder()
                .setEndpoints(System.getProperty("endpoints", "127.0.0.1:8081"))
                .enableSsl(false)
                .build();
    }

    static String topic() {
        return System.getProperty("topic", "inference");
    }

    static String group() {
        return System.getProperty("group", "workers");
    }

    /** Keeps the program running until it is told to stop (Ctrl-C), then closes the client. */
    static void closeOnExit(AutoCloseable client) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                client.close();
                            } catch (Exception e) {
                                System.err.println("could not close cleanly: " + e);
                            }
                        },
                        "close-on-exit"));
    }
}

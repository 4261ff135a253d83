package io.litetopic.proxy.agent;

import org.apache.rocketmq.common.constant.LoggerName;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/** Tells the operator that lite topics are not served: one line on standard error and the same in the proxy's log. */
final class Outcome {
    private static final String REMEDY =
            "; stock traffic is served, lite topics are not: put this right and restart the proxy";

    private Outcome() {}

    /** Once the proxy is configured: its log exists. */
    static void notActive(Throwable reason) {
        String line = line(reason);
        System.err.println(line);
        // an expected refusal explains itself; anything else needs the stack to be found
        boolean expected = reason instanceof io.litetopic.proxy.config.ConfigException;
        LoggerFactory.getLogger(LoggerName.PROXY_LOGGER_NAME).error(line, expected ? null : reason);
    }

    /** Before the proxy is configured: its log must not be touched yet, or it would be set up wrongly. */
    static void notActiveTooEarlyForLog(Throwable reason) {
        System.err.println(line(reason));
    }

    private static String line(Throwable reason) {
        return "litetopic: NOT ACTIVE: " + oneLine(describe(reason)) + REMEDY;
    }

    private static String describe(Throwable reason) {
        @Nullable String message = reason.getMessage();
        boolean speaksForItself = reason instanceof io.litetopic.proxy.config.ConfigException
                || reason.getClass() == IllegalStateException.class;
        return message != null && speaksForItself ? message : reason.toString();
    }

    private static String oneLine(String text) {
        return text.trim().replaceAll("\\s*\\R\\s*", " | ");
    }
}

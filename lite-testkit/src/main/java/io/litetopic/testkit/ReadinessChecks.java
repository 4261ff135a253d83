package io.litetopic.testkit;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The readiness of each kind of process. Each check is a real request to it. */
final class ReadinessChecks {
    private static final int CONNECT_TIMEOUT_MILLIS = 1_000;

    /** A topic that nobody creates; a proxy that refuses it serves requests. */
    private static final String UNKNOWN_TOPIC = "LITETOPIC_TESTKIT_READINESS";

    private final int nameServer;
    private final @Nullable SuperUser superUser;

    /**
     * @param nameServer its port
     * @param superUser null for a cluster without access control
     */
    ReadinessChecks(int nameServer, @Nullable SuperUser superUser) {
        this.nameServer = nameServer;
        this.superUser = superUser;
    }

    /** The name server answers. */
    Readiness nameServerAnswers() {
        return () -> remoting("name server does not answer", () -> {
            RemotingProbe.routeOf(UNKNOWN_TOPIC, nameServer);
            return true;
        });
    }

    /** The broker serves requests, and the name server knows it. */
    Readiness brokerIsRegistered(String brokerName, int port) {
        Readiness serves =
                () -> remoting("broker does not answer", () -> servesRequests(RemotingProbe.brokerStatus(port)));
        // asked first, since a request that comes too early makes the broker log errors
        return routeToBroker(brokerName).and(serves);
    }

    /** The name server knows the broker. */
    Readiness routeToBroker(String brokerName) {
        return routeIsRegistered(brokerName); // brokers register a topic named like themselves
    }

    /** One that asks for credentials serves requests too. */
    private boolean servesRequests(int status) {
        return status == RemotingProbe.SUCCESS || (superUser != null && status == RemotingProbe.NO_PERMISSION);
    }

    /** The name server has a route of {@code topic}. */
    Readiness routeIsRegistered(String topic) {
        return () -> remoting(
                "no route of topic " + topic + " at the name server",
                () -> RemotingProbe.routeOf(topic, nameServer) == RemotingProbe.SUCCESS);
    }

    /** The name server knows that {@code topic} is on all {@code brokerNames}. */
    Readiness topicIsOn(Set<String> brokerNames, String topic) {
        return () -> remoting(
                "topic " + topic + " is not on all of " + brokerNames + " at the name server",
                () -> RemotingProbe.brokersOf(topic, nameServer).containsAll(brokerNames));
    }

    /** The proxy answers a gRPC request. */
    Readiness proxyAnswers(int grpcPort) {
        return () -> grpc("proxy does not answer", answer -> Optional.empty(), grpcPort, UNKNOWN_TOPIC);
    }

    /** The proxy has a route of {@code topic} that accepts messages of {@code type}. */
    Readiness proxyServes(int grpcPort, String topic, String type) {
        // A proxy in cluster mode remembers for 20 s that a topic is unknown: ask it only once there is a route.
        return routeIsRegistered(topic)
                .and(() -> grpc(
                        "proxy does not serve topic " + topic,
                        answer -> answer.isOk() && answer.acceptedTypes().contains(type)
                                ? Optional.empty()
                                : Optional.of("topic " + topic + " does not accept " + type + " messages [status="
                                        + answer.code() + " " + answer.message() + ", accepted="
                                        + answer.acceptedTypes() + "]"),
                        grpcPort,
                        topic));
    }

    /** The plugin in the proxy serves all {@code bindTopics}. */
    Readiness pluginServes(int grpcPort, Set<String> bindTopics) {
        Readiness all = Optional::empty;
        for (String topic : bindTopics) {
            all = all.and(proxyServes(grpcPort, topic, "LITE"));
        }
        return all;
    }

    private Optional<String> grpc(String complaint, AnswerCheck check, int grpcPort, String topic) {
        // A refused gRPC channel waits a second before it tries again: connect only once the port is open.
        try (Socket socket = new Socket()) {
            socket.connect(Loopback.socketAddress(grpcPort), CONNECT_TIMEOUT_MILLIS);
        } catch (IOException e) {
            return Optional.of(complaint + " (" + e + ")");
        }
        try {
            return check.missing(RouteProbe.ask(grpcPort, topic, superUser));
        } catch (IOException e) {
            return Optional.of(complaint + " (" + e + ")");
        }
    }

    private static Optional<String> remoting(String complaint, RemotingCall call) {
        try {
            return call.succeeds() ? Optional.empty() : Optional.of(complaint);
        } catch (IOException e) {
            return Optional.of(complaint + " (" + e + ")");
        }
    }

    @FunctionalInterface
    private interface RemotingCall {
        boolean succeeds() throws IOException;
    }

    @FunctionalInterface
    private interface AnswerCheck {
        Optional<String> missing(RouteProbe.Answer answer);
    }
}

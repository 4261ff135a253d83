package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Address;
import apache.rocketmq.v2.AddressScheme;
import apache.rocketmq.v2.Assignment;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.MessageType;
import apache.rocketmq.v2.QueryAssignmentResponse;
import apache.rocketmq.v2.QueryRouteResponse;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.cluster.ClusterView;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the clients of a bind topic are sent. With one proxy it is the address that they use, so that gateways and port mappings in
 * front of it work: stock's answer, but if there are several addresses, of which stock changes the ports. With several proxies each
 * queue is shown at the proxy that owns it: clients then talk to all owners. Queue ids, broker names and permissions are stock's, so
 * that producers choose queues as ever, and any proxy takes any message.
 */
final class LiteRoutes {
    private LiteRoutes() {}

    /**
     * @param accessPoint what the client uses
     * @param view null if it is not known
     */
    static QueryRouteResponse route(QueryRouteResponse route, Endpoints accessPoint, @Nullable ClusterView view) {
        QueryRouteResponse.Builder builder = route.toBuilder();
        for (MessageQueue.Builder queue : builder.getMessageQueuesBuilderList()) {
            if (!queue.getAcceptMessageTypesList().contains(MessageType.LITE)) {
                queue.addAcceptMessageTypes(MessageType.LITE);
            }
            if (view != null && view.isShared()) {
                queue.getBrokerBuilder().setEndpoints(endpointsOf(queue, view));
            } else if (view != null && view.knowsOwners() && accessPoint.getAddressesCount() > 1) {
                queue.getBrokerBuilder().setEndpoints(accessPoint);
            }
        }
        return builder.build();
    }

    private static Endpoints endpointsOf(MessageQueue.Builder queue, ClusterView view) {
        String owner = view.addressOfOwner(
                BrokerQueue.of(queue.getTopic().getName(), queue.getBroker().getName(), queue.getId()));
        if (owner == null) { // nobody reads it: any of those that the client talks to anyway
            Iterator<String> owners = view.addressesOfOwners().iterator();
            owner = owners.next();
        }
        return endpoints(owner);
    }

    /**
     * A client runs one receive call per assignment, and any of them is answered from all lite topics of the group that the proxy at
     * its address has. So each address gets as many as there are to be at a time.
     */
    static QueryAssignmentResponse assignments(QueryAssignmentResponse response, @Nullable ClusterView view) {
        if (response.getAssignmentsCount() == 0) {
            return response;
        }
        QueryAssignmentResponse.Builder builder = response.toBuilder().clearAssignments();
        if (view != null && view.isShared()) {
            Assignment any = response.getAssignments(0);
            for (String address : view.addressesOfOwners()) {
                for (int id = 0; id < LiteReceive.PARALLEL_RECEIVES; id++) {
                    Assignment.Builder assignment = any.toBuilder();
                    assignment
                            .getMessageQueueBuilder()
                            .setId(id)
                            .getBrokerBuilder()
                            .setEndpoints(endpoints(address));
                    builder.addAssignments(assignment);
                }
            }
            return builder.build();
        }
        Map<Endpoints, Integer> counts = new HashMap<>(); // in local mode each broker has its own
        for (Assignment assignment : response.getAssignmentsList()) {
            Endpoints endpoints = assignment.getMessageQueue().getBroker().getEndpoints();
            if (counts.merge(endpoints, 1, Integer::sum) <= LiteReceive.PARALLEL_RECEIVES) {
                builder.addAssignments(assignment);
            }
        }
        return builder.build();
    }

    /** @param address {@code host:port}, an IPv6 host in brackets */
    static Endpoints endpoints(String address) {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replace("[", "").replace("]", "");
        return Endpoints.newBuilder()
                .setScheme(schemeOf(host))
                .addAddresses(
                        Address.newBuilder().setHost(host).setPort(Integer.parseInt(address.substring(colon + 1))))
                .build();
    }

    private static AddressScheme schemeOf(String host) {
        if (host.contains(":")) {
            return AddressScheme.IPv6;
        }
        return host.matches("[0-9]+(\\.[0-9]+){3}") ? AddressScheme.IPv4 : AddressScheme.DOMAIN_NAME;
    }
}

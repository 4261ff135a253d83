package io.litetopic.proxy.cluster;

import java.util.HashMap;
import java.util.Map;

/** What this proxy knows about another one. Owner: the serial executor of {@link Membership}. */
final class Peer {
    final String id;
    final String address;

    /** By broker: since when its list does not have this member, nanoseconds; without entry it has, or has never answered. */
    final Map<String, Long> missingSince = new HashMap<>();

    /** Its address has been seen to lead to it: only then do refusals and silence say anything. */
    boolean hasAnswered;

    boolean probing;
    /** Since when it has been silent, nanoseconds; 0 if it has not. */
    long silentSince;

    boolean hung;
    /** It has said that it goes. */
    boolean leaving;
    /** Its process has ended: no broker lists it and its address refuses connections. */
    boolean dead;

    Peer(String id) {
        this.id = id;
        this.address = MemberId.addressOf(id);
    }

    /** Why it takes no part at all; empty if it does. */
    String whyOut() {
        return dead ? "its process has ended" : leaving ? "it stops" : hung ? "it does not answer" : "";
    }
}

package io.litetopic.proxy.cluster;

/**
 * The id of a proxy, under which it is a member and holds queue locks: {@code litetopic@HOSTNAME@ADDRESS}. The host name is part of it
 * since containers on different hosts often have the same address.
 */
public final class MemberId {
    private static final String PREFIX = "litetopic@";

    private MemberId() {}

    /** @param advertisedAddress {@code host:port} under which clients reach the proxy */
    public static String of(String hostName, String advertisedAddress) {
        return PREFIX + hostName + '@' + advertisedAddress;
    }

    /** The advertised address in an id. Of an id of another form it is the id itself. */
    public static String addressOf(String memberId) {
        return memberId.substring(memberId.lastIndexOf('@') + 1);
    }
}

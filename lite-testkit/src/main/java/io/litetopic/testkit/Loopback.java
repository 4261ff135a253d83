package io.litetopic.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** 127.0.0.1, the only address that clusters are told about, in the shapes that callers need. */
final class Loopback {
    static final String HOST = "127.0.0.1";

    private Loopback() {}

    static String hostAndPort(int port) {
        return HOST + ":" + port;
    }

    static InetSocketAddress socketAddress(int port) {
        return new InetSocketAddress(address(), port);
    }

    static InetAddress address() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1}); // without any name look-up
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are a valid address", e);
        }
    }
}

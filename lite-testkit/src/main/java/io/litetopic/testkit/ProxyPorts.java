package io.litetopic.testkit;

/**
 * The ports of one proxy: all that stock opens by default.
 *
 * @param grpc gRPC port
 * @param remoting remoting port
 */
record ProxyPorts(int grpc, int remoting) {}

/**
 * An embedded, unmodified RocketMQ for tests and demos: name server, broker and proxy in JVMs of their own.
 *
 * <p>Owns the child processes, their ports and the data folder. The server's jars never reach the class path of the
 * JVM that uses this package; what is known about the server is known through its public protocols. Read {@link
 * io.litetopic.testkit.StockCluster} first.
 */
@NullMarked
package io.litetopic.testkit;

import org.jspecify.annotations.NullMarked;

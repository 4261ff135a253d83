/**
 * The load process: clients, loads and their measurement, away from the process that starts the servers, so that its processor
 * time is that of the clients. Takes its orders from standard input and answers on standard output, a JSON object a line; it ends
 * when standard input does. Read {@link io.litetopic.cli.bench.client.LoadMain} first.
 */
@NullMarked
package io.litetopic.cli.bench.client;

import org.jspecify.annotations.NullMarked;

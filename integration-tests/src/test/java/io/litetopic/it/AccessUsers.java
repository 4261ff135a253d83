package io.litetopic.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.testkit.AdminResult;
import io.litetopic.testkit.StockCluster;

/** Creates users and their rights with the stock tool. Each user's password is its name with {@code -secret}. */
final class AccessUsers {
    private final StockCluster cluster;

    AccessUsers(StockCluster cluster) {
        this.cluster = cluster;
    }

    /** @param resources such as {@code Topic:inference,Group:workers}: all of them may be sent to and consumed from */
    void create(String user, String resources) {
        run("createUser", "-u", user, "-p", password(user), "-t", "Normal");
        run("createAcl", "-s", "User:" + user, "-r", resources, "-a", "Pub,Sub", "-d", "Allow");
    }

    static String password(String user) {
        return user + "-secret";
    }

    private void run(String command, String... options) {
        String[] arguments = new String[options.length + 3];
        arguments[0] = command;
        arguments[1] = "-b";
        arguments[2] = cluster.brokerAddress();
        System.arraycopy(options, 0, arguments, 3, options.length);
        AdminResult result = cluster.mqadmin(arguments);
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("success");
    }
}

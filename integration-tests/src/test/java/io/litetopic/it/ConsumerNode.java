package io.litetopic.it;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePushConsumer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.apache.rocketmq.client.apis.ClientConfiguration;

/**
 * A consumer in a process of its own, to be killed: see {@link NodeProcess}. It subscribes to lite topics and writes a line for
 * each message that it gets. From a given number on it holds what it gets and never answers. It ends with its standard input.
 */
final class ConsumerNode {
    private ConsumerNode() {}

    /** @param args endpoints, bind topic, consumer group, first number to hold, lite topics */
    public static void main(String[] args) throws Exception {
        int firstToHold = Integer.parseInt(args[3]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        CountDownLatch never = new CountDownLatch(1);
        LitePushConsumer consumer = LiteClients.PROVIDER
                .newLitePushConsumerBuilder()
                .setClientConfiguration(ClientConfiguration.newBuilder()
                        .setEndpoints(args[0])
                        .enableSsl(false)
                        .build())
                .bindTopic(args[1])
                .setConsumerGroup(args[2])
                .setConsumptionThreadCount(args.length)
                .setMessageListener(message -> {
                    String liteTopic = message.getLiteTopic().orElseThrow();
                    int number = OfficialClients.number(message);
                    if (number < firstToHold) {
                        out.println(NodeProcess.HANDLED + " " + liteTopic + " " + number);
                        return ConsumeResult.SUCCESS;
                    }
                    out.println(NodeProcess.HELD + " " + liteTopic + " " + number);
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return ConsumeResult.FAILURE;
                })
                .build();
        for (int i = 4; i < args.length; i++) {
            consumer.subscribeLite(args[i]);
        }
        out.println(NodeProcess.READY);
        awaitEndOfInput();
        Runtime.getRuntime().halt(0);
    }

    private static void awaitEndOfInput() throws IOException {
        int read = 0;
        while (read >= 0) {
            read = System.in.read();
        }
    }
}

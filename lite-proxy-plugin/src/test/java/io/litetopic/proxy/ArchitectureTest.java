package io.litetopic.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point inwards, and the engine knows no I/O, threads or clock. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.litetopic.proxy");

    private static final String[] STATE = {
        "io.litetopic.proxy.engine..",
        "io.litetopic.proxy.mailbox..",
        "io.litetopic.proxy.timer..",
        "io.litetopic.proxy.table..",
        "io.litetopic.proxy.state..",
        "io.litetopic.proxy.registry.."
    };

    @Test
    void stateUsesTheJdkAndItsOwnPackagesOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(STATE)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "java.lang..",
                        "java.util..",
                        "java.nio",
                        "java.nio.charset",
                        "org.jspecify..",
                        "io.litetopic.proxy.broker..",
                        "io.litetopic.proxy.engine..",
                        "io.litetopic.proxy.mailbox..",
                        "io.litetopic.proxy.timer..",
                        "io.litetopic.proxy.table..",
                        "io.litetopic.proxy.state..",
                        "io.litetopic.proxy.registry..")
                .check(CLASSES);
    }

    @Test
    void stateHasNoThreadsLocksClockOrRandomnessOfItsOwn() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.litetopic.proxy.engine..",
                        "io.litetopic.proxy.mailbox..",
                        "io.litetopic.proxy.timer..",
                        "io.litetopic.proxy.table..",
                        "io.litetopic.proxy.state..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.Thread|java\\.util\\.Random|java\\.util\\.concurrent\\.(?!TimeUnit).*"
                        + "|java\\.time\\.Clock|java\\.util\\.Timer")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    void onlyTheAdaptersSeeProxyAndBrokerClasses() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.litetopic.proxy", "io.litetopic.proxy.rocketmq..", "io.litetopic.proxy.agent..")
                .and()
                .haveSimpleNameNotStartingWith("StockNames")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.rocketmq.proxy..",
                        "org.apache.rocketmq.broker..",
                        "org.apache.rocketmq.client..",
                        "org.apache.rocketmq.common..",
                        "org.apache.rocketmq.remoting..")
                .check(CLASSES);
    }

    @Test
    void onlyTheFrontAndTheAdaptersSeeGrpcAndProtobuf() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.litetopic.proxy",
                        "io.litetopic.proxy.grpc..",
                        "io.litetopic.proxy.rocketmq..",
                        "io.litetopic.proxy.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "apache.rocketmq..")
                .check(CLASSES);
    }
}

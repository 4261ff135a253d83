package io.litetopic.lite;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;

@AnalyzeClasses(packages = "io.litetopic.lite", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String OFFICIAL_API = "org.apache.rocketmq.client.apis";
    private static final String POLICIES = "io.litetopic.lite.policy";
    private static final String OBSERVABILITY = "io.litetopic.lite.observability";

    @ArchTest
    static final ArchRule onlyOnePackageTouchesTheOfficialClientsInternals = noClasses()
            .that()
            .resideOutsideOfPackage("io.litetopic.lite.internal.rocketmq")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.rocketmq.client.java..", "apache.rocketmq..");

    @ArchTest
    static final ArchRule nobodyTouchesShadedClasses =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.rocketmq.shaded..");

    @ArchTest
    static final ArchRule consumerKnowsTheServerOnlyAsATransport = noClasses()
            .that()
            .resideInAPackage("io.litetopic.lite.internal.consumer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.litetopic.lite.internal.rocketmq");

    @ArchTest
    static final ArchRule policiesKnowListenersOnly = noClasses()
            .that()
            .resideInAPackage(POLICIES)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.litetopic.lite.internal..");

    @ArchTest
    static final ArchRule sdkRunsWithoutMicrometer = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(MicrometerObserver(\\$.*)?|TopLiteTopicGauges)")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule sdkRunsWithoutOpenTelemetry = noClasses()
            .that()
            .haveNameNotMatching(".*\\.OpenTelemetryObserver(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule publicSignaturesUsePublicTypesOnly = classes()
            .that()
            .resideInAnyPackage("io.litetopic.lite", POLICIES, OBSERVABILITY)
            .and()
            .arePublic()
            .should(new ArchCondition<>("have JDK, project and official API types in their signatures") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    for (JavaClass used : signatureTypes(type)) {
                        String name = used.getBaseComponentType().getPackageName();
                        boolean allowed = used.getBaseComponentType().isPrimitive()
                                || name.startsWith("java.")
                                || name.equals("io.litetopic.lite")
                                || name.equals(POLICIES)
                                || name.equals(OBSERVABILITY)
                                || name.equals("io.micrometer.core.instrument")
                                || name.equals("io.opentelemetry.api")
                                || name.equals(OFFICIAL_API)
                                || name.startsWith(OFFICIAL_API + ".");
                        events.add(new SimpleConditionEvent(
                                type, allowed, type.getName() + " has " + used.getName() + " in a signature"));
                    }
                }
            });

    private static List<JavaClass> signatureTypes(JavaClass type) {
        List<JavaClass> types = new ArrayList<>(type.getAllRawSuperclasses());
        types.addAll(type.getAllRawInterfaces());
        for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (isVisible(unit.getModifiers())) {
                types.add(unit.getRawReturnType());
                types.addAll(unit.getRawParameterTypes());
                types.addAll(unit.getExceptionTypes());
            }
        }
        for (JavaField field : type.getFields()) {
            if (isVisible(field.getModifiers())) {
                types.add(field.getRawType());
            }
        }
        return types;
    }

    private static boolean isVisible(java.util.Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }
}

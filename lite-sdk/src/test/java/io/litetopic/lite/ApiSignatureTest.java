package io.litetopic.lite;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public API is what {@code api.txt} says: a change of it is seen in review. To accept one, run {@code mvn -pl lite-sdk test
 * -Dtest=ApiSignatureTest -Dlitetopic.api.rewrite=true} and commit the file.
 */
class ApiSignatureTest {

    private static final Path FILE = Path.of("src", "test", "resources", "api.txt");

    @Test
    void isAsRecorded() throws IOException {
        List<String> api = api();
        if (Boolean.getBoolean("litetopic.api.rewrite")) {
            Files.write(FILE, api);
        }

        assertThat(api)
                .as(
                        "public API; if the change is meant, rewrite %s as %s says",
                        FILE, getClass().getName())
                .containsExactlyElementsOf(Files.readAllLines(FILE));
    }

    private static List<String> api() {
        List<String> lines = new ArrayList<>();
        new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.litetopic.lite")
                        .stream()
                        .filter(type -> !type.getPackageName().contains(".internal"))
                        .map(JavaClass::reflect)
                        .filter(type -> isVisible(type.getModifiers()))
                        .sorted(Comparator.comparing(Class::getName))
                        .forEach(type -> {
                            lines.add(type.toGenericString() + ancestors(type));
                            members(type).sorted().forEach(lines::add);
                        });
        return lines;
    }

    private static String ancestors(Class<?> type) {
        Stream<String> superclass = type.getSuperclass() == null
                ? Stream.empty()
                : Stream.of(type.getSuperclass().getName());
        Stream<String> interfaces = Arrays.stream(type.getInterfaces()).map(Class::getName);
        return Stream.concat(superclass, interfaces).toList().toString();
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(
                        Arrays.stream(type.getDeclaredFields())
                                .filter(ApiSignatureTest::isVisible)
                                .map(Object::toString),
                        Arrays.stream(type.getDeclaredConstructors())
                                .filter(ApiSignatureTest::isVisible)
                                .map(constructor -> constructor.toGenericString()),
                        Arrays.stream(type.getDeclaredMethods())
                                .filter(ApiSignatureTest::isVisible)
                                .map(method -> method.toGenericString()))
                .flatMap(lines -> lines)
                .map(line -> "  " + line);
    }

    private static boolean isVisible(Member member) {
        return isVisible(member.getModifiers()) && !member.isSynthetic();
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}

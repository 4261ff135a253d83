package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.litetopic.lite.LiteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tables of docs/errors.md say what the code does. */
class ErrorsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "errors.md");
    private static final Pattern CODE_ROW = Pattern.compile("\\| `([A-Z_]+)` \\| (yes|no) \\|.*");
    private static final Pattern EXCEPTION_ROW =
            Pattern.compile("\\| `(Lite\\w*Exception)` \\| .* \\| (yes|no|see .*) \\| .*");

    @Test
    void listsEveryPublicExceptionAndWhetherARetryHelps() throws Exception {
        Map<String, String> rows = rows(EXCEPTION_ROW);
        List<JavaClass> exceptions = new ClassFileImporter()
                .importPackages("io.litetopic.lite").stream()
                        .filter(type -> type.getPackageName().equals("io.litetopic.lite"))
                        .filter(type -> type.isAssignableTo(Throwable.class)
                                && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .toList();

        assertThat(rows.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        exceptions.stream().map(JavaClass::getSimpleName).toList());
        for (JavaClass type : exceptions) {
            if (!type.getSimpleName().equals("LiteException")) {
                LiteException exception = (LiteException) type.reflect()
                        .getConstructor(String.class, String.class, Throwable.class)
                        .newInstance("m", null, null);
                assertThat(rows).containsEntry(type.getSimpleName(), exception.isRetryable() ? "yes" : "no");
            }
        }
    }

    @Test
    void saysOfEachCodeWhetherARetryHelps() throws Exception {
        Map<String, String> rows = rows(CODE_ROW);

        assertThat(rows).hasSizeGreaterThan(15);
        rows.forEach((code, retry) -> assertThat(failure(Code.valueOf(code)))
                .isNotNull()
                .as(code)
                .extracting(LiteException::isRetryable)
                .isEqualTo(retry.equals("yes")));
    }

    private static @Nullable LiteException failure(Code code) {
        return OfficialErrors.ofStatus(
                "cannot", Status.newBuilder().setCode(code).setMessage("m").build(), "r");
    }

    private static Map<String, String> rows(Pattern row) throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher matcher = row.matcher(line);
            if (matcher.matches()) {
                rows.put(matcher.group(1), matcher.group(2));
            }
        }
        return rows;
    }
}

package io.litetopic.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the code of the policies page compiling: each of its snippets consists of lines of the sample, one after the other. */
class PoliciesPageTest {

    private static final Path PAGE = Path.of("..", "docs", "policies.md");
    private static final Path SAMPLE = Path.of("src/main/java/io/litetopic/samples/PoliciesSample.java");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void snippetsOfThePageAreTakenFromTheSample() throws IOException {
        assumeThat(PAGE).exists();
        List<String> sample = lines(Files.readString(SAMPLE));
        List<MatchResult> snippets =
                JAVA_BLOCK.matcher(Files.readString(PAGE)).results().toList();

        assertThat(snippets).hasSizeGreaterThanOrEqualTo(9);
        assertThat(snippets).allSatisfy(snippet -> assertThat(sample).containsSequence(lines(snippet.group(1))));
    }

    private static List<String> lines(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}

package io.litetopic.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the code in the README compiling: its consumer snippet consists of lines of the sample, in order. */
class ReadmeSnippetTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path SAMPLE = Path.of("src/main/java/io/litetopic/samples/LitePushConsumerSample.java");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void consumerSnippetOfTheReadmeIsTakenFromTheSample() throws IOException {
        assumeThat(README).exists();
        String sample = Files.readString(SAMPLE)
                .replace("SampleSettings.topic()", "\"inference\"")
                .replace("SampleSettings.group()", "\"workers\"");

        List<String> snippet = consumerSnippet(Files.readString(README));

        assertThat(lines(sample)).containsSubsequence(snippet);
    }

    private static List<String> consumerSnippet(String readme) {
        Matcher block = JAVA_BLOCK.matcher(readme);
        while (block.find()) {
            if (block.group(1).contains("newLitePushConsumerBuilder")) {
                return lines(block.group(1));
            }
        }
        throw new AssertionError("README.md has no Java block with newLitePushConsumerBuilder");
    }

    private static List<String> lines(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}

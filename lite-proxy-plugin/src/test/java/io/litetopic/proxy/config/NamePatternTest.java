package io.litetopic.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
    @ParameterizedTest
    @CsvSource({
        "a,a,true",
        "a,b,false",
        "a,aa,false",
        "*,'',true",
        "*,anything,true",
        "a*,a,true",
        "a*,abc,true",
        "a*,ba,false",
        "*a,a,true",
        "*a,ba,true",
        "*a,ab,false",
        "a*a,a,false",
        "a*a,aa,true",
        "a*a,aba,true",
        "a*b*c,abc,true",
        "a*b*c,axxbyyc,true",
        "a*b*c,acb,false",
        "*b*,abc,true",
        "*b*,ac,false",
        "a**b,ab,true",
        "ab*ba,aba,false",
        "user?,user?,true",
        "user?,user1,false",
        "a.c,abc,false",
        "[a],[a],true",
        "a/*,a/b/c,true",
        "größe-*,größe-1,true"
    })
    void starMatchesAnyRunAndAllElseItself(String pattern, String name, boolean expected) {
        assertThat(NamePattern.of(pattern).matches(name)).isEqualTo(expected);
    }

    @Test
    void matchesAsARegularExpressionWouldDo() {
        Random random = new Random(7);
        for (int i = 0; i < 50_000; i++) {
            String pattern = text(random, "ab*", 1 + random.nextInt(7));
            String name = text(random, "ab", random.nextInt(9));
            String regex = pattern.replace("*", ".*");

            assertThat(NamePattern.of(pattern).matches(name))
                    .as("%s on %s", pattern, name)
                    .isEqualTo(Pattern.matches(regex, name));
        }
    }

    @Test
    void hostilePatternTakesNoTime() {
        NamePattern pattern = NamePattern.of("a*".repeat(120) + "b");
        String name = "a".repeat(10_000);

        boolean matches = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> pattern.matches(name));

        assertThat(matches).isFalse();
    }

    @Test
    void refusesPatternsThatAreEmptyOrTooLong() {
        assertThatThrownBy(() -> NamePattern.of(""))
                .hasMessage("'' is no pattern: it has 0 characters; write 1 to 255");
        assertThatThrownBy(() -> NamePattern.of("x".repeat(256))).hasMessageContaining("it has 256 characters");
    }

    @Test
    void firstPatternOfATableCounts() {
        Random random = new Random(11);
        for (int i = 0; i < 5_000; i++) {
            Map<NamePattern, Integer> values = new LinkedHashMap<>();
            for (int j = 0; j < 6; j++) {
                values.putIfAbsent(NamePattern.of(text(random, "ab*", 1 + random.nextInt(4))), j);
            }
            String name = text(random, "ab", 1 + random.nextInt(5));
            Integer expected = values.entrySet().stream()
                    .filter(entry -> entry.getKey().matches(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);

            assertThat(new NamePatternTable<>(values).valueFor(name))
                    .as("%s on %s", values, name)
                    .isEqualTo(expected);
        }
    }

    private static String text(Random random, String alphabet, int length) {
        return Stream.generate(() -> String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))))
                .limit(length)
                .collect(Collectors.joining());
    }
}

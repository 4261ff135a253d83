package io.litetopic.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How to run a class of the stock server, with the java of this JVM.
 *
 * @param mainClass class with the main method
 * @param classPath given to the child as the variable CLASSPATH, which keeps process listings readable
 * @param rocketmqHome given to the child as ROCKETMQ_HOME
 * @param userHome user.home of the child; stock logs go below it
 * @param jvmOptions further options of the JVM, in order
 * @param arguments arguments of the main class
 */
record JavaCommand(
        String mainClass,
        String classPath,
        Path rocketmqHome,
        Path userHome,
        List<String> jvmOptions,
        List<String> arguments) {

    /** Options for all JVMs that the testkit starts, separated by blanks; the testkit's own and those of the builder come after them. */
    static final String JVM_OPTIONS_PROPERTY = "litetopic.testkit.jvmOptions";

    List<String> line() {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.add("-Duser.home=" + userHome);
        line.add("-XX:ErrorFile=" + userHome.resolve("hs_err_pid%p.log"));
        String general = System.getProperty(JVM_OPTIONS_PROPERTY, "").strip();
        if (!general.isEmpty()) {
            line.addAll(List.of(general.split("\\s+")));
        }
        line.addAll(jvmOptions);
        line.add(mainClass);
        line.addAll(arguments);
        return line;
    }

    Map<String, String> environment() {
        return Map.of("CLASSPATH", classPath, "ROCKETMQ_HOME", rocketmqHome.toString());
    }
}

package io.litetopic.testkit.clock;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * Java agent after which {@link System#currentTimeMillis()} in classes of the plugin is ahead of the real time by an offset in a file,
 * or behind it. All other classes, and all other ways to ask for the time, have the real one. It must come before the plugin's agent.
 */
public final class ClockAgent {
    private static final String PATCHED_PREFIX = "io/litetopic/proxy/";
    private static final int EXIT_CODE = 70;

    private ClockAgent() {}

    /**
     * Called by the JVM before the main method.
     *
     * @param arguments the file with the offset, see {@link ShiftedClock}
     */
    public static void premain(String arguments, Instrumentation instrumentation) throws IOException {
        ShiftedClock.follow(Path.of(arguments));
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte @Nullable [] transform(
                    @Nullable ClassLoader loader,
                    @Nullable String className,
                    @Nullable Class<?> redefined,
                    @Nullable ProtectionDomain domain,
                    byte[] file) {
                return className != null && className.startsWith(PATCHED_PREFIX) ? patched(className, file) : null;
            }
        });
        System.err.println("clock agent: the plugin's wall clock follows " + arguments);
    }

    private static byte @Nullable [] patched(String className, byte[] file) {
        try {
            byte[] patched = ClassPatch.apply(file);
            return patched == file ? null : patched;
        } catch (IOException | RuntimeException e) {
            // the JVM would ignore an exception and load the class as it is, and the test would believe in its clock
            System.err.println("clock agent: cannot patch " + className + ": " + e);
            Runtime.getRuntime().halt(EXIT_CODE);
            throw new IllegalStateException(e);
        }
    }

    /** Writes the jar of this agent. */
    public static void writeJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", ClockAgent.class.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String suffix : List.of("ClockAgent", "ClockAgent$1", "ClassPatch", "ShiftedClock")) {
                String entry = ClockAgent.class.getPackageName().replace('.', '/') + "/" + suffix + ".class";
                try (InputStream in = ClockAgent.class.getClassLoader().getResourceAsStream(entry)) {
                    if (in == null) {
                        throw new IOException("no class file " + entry + " on the class path of the testkit");
                    }
                    out.putNextEntry(new ZipEntry(entry));
                    in.transferTo(out);
                }
            }
        }
    }
}

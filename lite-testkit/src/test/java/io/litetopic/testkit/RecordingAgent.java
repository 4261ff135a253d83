package io.litetopic.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Stands in for a plugin: says on standard error how it was started, and ends the JVM if its configuration says so. */
public final class RecordingAgent {
    static final String GREETING = "recording agent started with ";
    static final String LAST_WORDS = "recording agent ends this JVM";

    private RecordingAgent() {}

    /** Called by the JVM before the main method. */
    public static void premain(String arguments) throws IOException {
        System.err.println(GREETING + arguments);
        if (Files.readString(Path.of(arguments)).contains("exit: true")) {
            System.err.println(LAST_WORDS);
            System.exit(7);
        }
    }

    /** Writes a jar with this agent. */
    static Path jar(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", RecordingAgent.class.getName());
        String entry = RecordingAgent.class.getName().replace('.', '/') + ".class";
        Path jar = Files.createTempFile(folder, "agent-", ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream in = RecordingAgent.class.getResourceAsStream("/" + entry)) {
            if (in == null) {
                throw new IOException("no class file of the agent on the class path");
            }
            out.putNextEntry(new ZipEntry(entry));
            in.transferTo(out);
            out.closeEntry();
        }
        return jar;
    }
}

package io.litetopic.testkit;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.filter.DependencyFilterUtils;

/**
 * Finds artifacts as Maven would: local repository, mirrors, proxies and credentials of the user's {@code settings.xml}
 * and the system property {@code maven.repo.local} apply. The local repository is asked alone first, so that nothing
 * goes over the network when everything is there already. For tests that run a JVM with other versions on its class path
 * than they have themselves. Thread-safe.
 */
public final class MavenArtifacts {
    private MavenArtifacts() {}

    /**
     * The jars of {@code coordinates} ({@code group:artifact:version}) and of all they need at run time, in class path order.
     * Blocks, and downloads what is missing.
     *
     * @throws IllegalStateException if one of them is found nowhere
     */
    public static List<Path> withDependencies(List<String> coordinates) {
        return resolve(coordinates, context -> {
            CollectRequest collect = new CollectRequest();
            for (String each : coordinates) {
                collect.addDependency(new Dependency(new DefaultArtifact(each), JavaScopes.RUNTIME));
            }
            collect.setRepositories(context.remoteRepositories());
            DependencyRequest request =
                    new DependencyRequest(collect, DependencyFilterUtils.classpathFilter(JavaScopes.RUNTIME));
            return context
                    .repositorySystem()
                    .resolveDependencies(context.repositorySystemSession(), request)
                    .getArtifactResults()
                    .stream()
                    .map(ArtifactResult::getArtifact)
                    .map(MavenArtifacts::file)
                    .toList();
        });
    }

    /** The one jar {@code coordinates} ({@code group:artifact:version}) names. Blocks. */
    static Path single(String coordinates) {
        return resolve(List.of(coordinates), context -> {
                    ArtifactRequest request = new ArtifactRequest(
                            new DefaultArtifact(coordinates), context.remoteRepositories(), /* context= */ null);
                    return List.of(file(context.repositorySystem()
                            .resolveArtifact(context.repositorySystemSession(), request)
                            .getArtifact()));
                })
                .get(0);
    }

    private static List<Path> resolve(List<String> coordinates, Resolution resolution) {
        RepositoryException absentLocally;
        try {
            return resolve(resolution, /* offline= */ true);
        } catch (RepositoryException e) {
            absentLocally = e;
        }
        try {
            return resolve(resolution, /* offline= */ false);
        } catch (RepositoryException e) {
            e.addSuppressed(absentLocally);
            throw new IllegalStateException(
                    "cannot find artifacts " + coordinates + " in the local Maven repository nor download them: "
                            + e.getMessage() + "; check the network and the mirrors in settings.xml, or fetch them once"
                            + " on a connected machine with `mvn dependency:get -Dartifact=" + coordinates.get(0)
                            + "` for each of them and keep that local repository (-Dmaven.repo.local names another"
                            + " one)",
                    e);
        }
    }

    private static List<Path> resolve(Resolution resolution, boolean offline) throws RepositoryException {
        ContextOverrides.Builder overrides = ContextOverrides.create().withUserSettings(true);
        if (offline) {
            // What lies in the local repository counts, whichever repository (say, a mirror) it once came from.
            overrides.offline(true).configProperties(Map.of("aether.artifactResolver.simpleLrmInterop", true));
        }
        try (Context context = Runtimes.INSTANCE.getRuntime().create(overrides.build())) {
            return resolution.resolve(context);
        }
    }

    private static Path file(Artifact artifact) {
        return artifact.getFile().toPath().toAbsolutePath();
    }

    @FunctionalInterface
    private interface Resolution {
        List<Path> resolve(Context context) throws RepositoryException;
    }
}

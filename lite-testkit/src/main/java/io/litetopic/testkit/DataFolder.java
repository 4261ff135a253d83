package io.litetopic.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Where a cluster keeps everything it writes. One cluster at a time: the folder is locked while open.
 *
 * <pre>
 * testkit.lock            held while a cluster uses the folder
 * store/                  the broker's messages and metadata
 * store-BROKER/           the same of every further broker
 * rocketmq/conf/          ROCKETMQ_HOME
 * PROCESS/                nameserver, broker, proxy, mqadmin, and broker-b, proxy-2, ...: configuration, stdout.log, stderr.log
 * PROCESS/home/           user.home of that process; stock logs are below it
 * </pre>
 */
final class DataFolder implements AutoCloseable {
    private final Path root;
    private final FileChannel lockChannel;
    private final boolean deletedOnClose;

    private DataFolder(Path root, FileChannel lockChannel, boolean deletedOnClose) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.deletedOnClose = deletedOnClose;
    }

    /** Opens {@code given}, creating it if needed; null opens a fresh temporary folder that close deletes. */
    static DataFolder open(@Nullable Path given) {
        try {
            Path root = given == null
                    ? Files.createTempDirectory("litetopic-testkit-")
                    : Files.createDirectories(given.toAbsolutePath().normalize());
            FileChannel channel =
                    FileChannel.open(root.resolve("testkit.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new IllegalStateException("data folder " + root
                        + " is in use by another cluster; close that one or choose another folder");
            }
            Files.createDirectories(root.resolve("rocketmq").resolve("conf"));
            return new DataFolder(root, channel, given == null);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use data folder " + given + "; it must be a writable folder", e);
        }
    }

    /** Whether close deletes the folder, so that nothing in it is worth a careful stop. */
    boolean isTemporary() {
        return deletedOnClose;
    }

    Path root() {
        return root;
    }

    /** Where the broker of that index keeps its messages. */
    Path store(int broker) {
        return root.resolve(broker == 0 ? "store" : "store-" + ConfigFiles.brokerName(broker));
    }

    Path rocketmqHome() {
        return root.resolve("rocketmq");
    }

    /** The folder of one process, created if needed. */
    Path process(String name) {
        try {
            Files.createDirectories(root.resolve(name).resolve("home"));
            return root.resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the folder of process " + name + " in " + root, e);
        }
    }

    Path write(Path file, String content) {
        try {
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Unlocks the folder, and deletes it if it is temporary. */
    @Override
    public void close() {
        try {
            lockChannel.close();
            if (deletedOnClose) {
                deleteTree(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean up data folder " + root + "; delete it by hand", e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException expected) { // this JVM holds it
            return false;
        }
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) { // a dying process removed it first
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

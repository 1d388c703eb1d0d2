package io.spillway.media.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * FFmpeg and ffprobe out of {@code org.bytedeco:ffmpeg} on the class path, unpacked into a folder
 * of ours. The programs find their libraries beside them (RUNPATH {@code $ORIGIN}) and need no
 * environment. Thread-safe.
 */
public final class FfmpegPrograms {
  private final Path folder;

  private FfmpegPrograms(Path folder) {
    this.folder = folder;
  }

  /**
   * Unpacks the programs below {@code parent} (about 80 MB, half a second), or finds them there
   * from before. Several processes may do so at once: the folder appears whole.
   */
  public static FfmpegPrograms unpack(Path parent) throws IOException {
    String resources = "org/bytedeco/ffmpeg/" + platform() + "/";
    URL program = FfmpegPrograms.class.getClassLoader().getResource(resources + "ffmpeg");
    if (program == null) {
      throw new IOException(
          "no FFmpeg for " + platform() + " on the class path (" + resources + ")");
    }
    if (!(program.openConnection() instanceof JarURLConnection connection)) {
      throw new IOException("FFmpeg is expected in a jar, found at " + program);
    }
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      Path name = Path.of(jar.getName()).getFileName();
      Path folder = parent.resolve(name.toString().replace(".jar", ""));
      if (!Files.isExecutable(folder.resolve("ffmpeg"))) {
        unpackInto(folder, jar, resources);
      }
      return new FfmpegPrograms(folder.toAbsolutePath());
    }
  }

  private static String platform() {
    String architecture = System.getProperty("os.arch", "");
    return architecture.equals("aarch64") ? "linux-arm64-gpl" : "linux-x86_64-gpl";
  }

  private static void unpackInto(Path folder, JarFile jar, String resources) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    Path staging =
        Files.createTempDirectory(folder.toAbsolutePath().getParent(), folder.getFileName() + ".");
    try {
      for (JarEntry entry : entries(jar, resources)) {
        Path file = staging.resolve(entry.getName().substring(resources.length()));
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, file);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rwxr-xr-x"));
      publish(staging, folder);
    } finally {
      delete(staging);
    }
  }

  /**
   * The programs and their libraries; the bindings for Java ({@code libjni*}) stay where they are.
   */
  private static List<JarEntry> entries(JarFile jar, String resources) {
    List<JarEntry> wanted = new ArrayList<>();
    Iterator<JarEntry> all = jar.entries().asIterator();
    while (all.hasNext()) {
      JarEntry entry = all.next();
      String name = entry.getName();
      String file = name.startsWith(resources) ? name.substring(resources.length()) : "";
      if (!file.isEmpty() && !file.contains("/") && !file.startsWith("libjni")) {
        wanted.add(entry);
      }
    }
    return wanted;
  }

  private static void publish(Path staging, Path folder) throws IOException {
    try {
      Files.move(staging, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      if (!Files.isExecutable(folder.resolve("ffmpeg"))) {
        throw e;
      }
      // another process was quicker: its folder is as good
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** The ffmpeg program. */
  public Path ffmpeg() {
    return folder.resolve("ffmpeg");
  }

  /** The ffprobe program. */
  public Path ffprobe() {
    return folder.resolve("ffprobe");
  }

  /** Runs ffmpeg to its end. The banner is off, nothing is asked. */
  public ProgramRun run(List<String> arguments, Duration limit) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(ffmpeg().toString(), "-hide_banner", "-nostdin"));
    command.addAll(arguments);
    return ProgramRun.of(command, folder, limit);
  }

  /** Runs ffprobe to its end. */
  public ProgramRun probe(List<String> arguments, Duration limit) throws IOException {
    List<String> command = new ArrayList<>(List.of(ffprobe().toString(), "-hide_banner"));
    command.addAll(arguments);
    return ProgramRun.of(command, folder, limit);
  }
}

package io.spillway.app.command;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Version implements IVersionProvider {
  private final String number;

  /** Reads it from the jar. */
  public Version() {
    String fromJar = Version.class.getPackage().getImplementationVersion();
    number = fromJar == null ? "development" : fromJar;
  }

  /** {@code 0.1.0} for example. */
  public String number() {
    return number;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Spillway " + number + " on Java " + Runtime.version().feature(),
    };
  }
}

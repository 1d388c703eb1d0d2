package io.spillway.bench.rpc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the two whose calls are counted, with its command lines. */
sealed interface Contender {
  String label();

  List<String> serve(String redis);

  List<String> call(String redis, Load load);

  /**
   * How much is called.
   *
   * @param warmSeconds of calls before those that count, for those that compile as they run
   * @param bytes of a request
   */
  record Load(int callers, int seconds, int warmSeconds, int bytes) {}

  /** interop/psrpc-peer. */
  record Go(Path program) implements Contender {
    @Override
    public String label() {
      return "Go";
    }

    @Override
    public List<String> serve(String redis) {
      return List.of(program.toString(), "serve", "-redis", redis, "-service", "IOInfo");
    }

    @Override
    public List<String> call(String redis, Load load) {
      return List.of(
          program.toString(),
          "call",
          "-redis",
          redis,
          "-service",
          "IOInfo",
          "-method",
          "UpdateEgress",
          "-callers",
          Integer.toString(load.callers),
          "-seconds",
          Integer.toString(load.seconds),
          "-body",
          "x".repeat(load.bytes));
    }
  }

  /** {@link JavaPeer}, with this process's class path and the options of Spillway's own JVM. */
  record Java(Path home) implements Contender {
    @Override
    public String label() {
      return "Java";
    }

    @Override
    public List<String> serve(String redis) {
      return jvm("serve", redis);
    }

    @Override
    public List<String> call(String redis, Load load) {
      return jvm(
          "call",
          redis,
          Integer.toString(load.callers),
          Integer.toString(load.seconds),
          Integer.toString(load.warmSeconds),
          Integer.toString(load.bytes));
    }

    private List<String> jvm(String... arguments) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("@" + home.resolve("app/java.args"));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(JavaPeer.class.getName());
      command.addAll(List.of(arguments));
      return command;
    }
  }
}

package io.spillway.core.token;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys that are accepted, in the order of the configuration: the first one also signs what we
 * send. Thread-safe; whoever holds it sees at once when they are replaced by others.
 */
public final class ApiKeys {
  private volatile List<ApiKey> all;

  /** Checks that there is a key and that none comes twice. */
  public ApiKeys(List<ApiKey> all) {
    this.all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("at least one API key is needed");
    }
    Set<String> seen = new HashSet<>();
    for (ApiKey key : all) {
      if (!seen.add(key.key())) {
        throw new IllegalArgumentException("API key '" + key.key() + "' is given twice");
      }
    }
  }

  /** A single key. */
  public static ApiKeys of(String key, String secret) {
    return new ApiKeys(List.of(new ApiKey(key, secret)));
  }

  /** All of them, as they are now. */
  public List<ApiKey> all() {
    return all;
  }

  /** From now on these are the keys: what only the old ones signed is refused. */
  public void replace(ApiKeys newer) {
    all = newer.all;
  }

  /** The key that signs our own calls and recorders. */
  public ApiKey signing() {
    return all.getFirst();
  }

  /** The key of this name, if it is accepted. */
  public Optional<ApiKey> find(String key) {
    return all.stream().filter(candidate -> candidate.key().equals(key)).findFirst();
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "ApiKeys" + all.stream().map(ApiKey::key).toList();
  }
}

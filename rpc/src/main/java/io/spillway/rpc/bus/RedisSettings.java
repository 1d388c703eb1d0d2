package io.spillway.rpc.bus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where Redis is: the keys of LiveKit's {@code redis:} configuration (livekit/protocol
 * redis/redis.go), in their order. Empty strings and lists mean "not set"; with {@code
 * sentinelAddresses} Sentinel is asked, else with {@code clusterAddresses} it is a Cluster, else
 * {@code address} is the server.
 *
 * <p>What the user must be allowed (Redis ACL): {@code +publish +subscribe +unsubscribe +set
 * +ping}, all channels and, because psrpc's queue locks are bare hashes, all keys; in a Cluster
 * {@code +cluster|slots +asking} as well.
 *
 * @param address host:port
 * @param username of the ACL user; empty: the default user
 * @param database number of the database for queue locks (pub/sub knows none): the same for all
 *     peers
 * @param useTls LiveKit's old switch: TLS with the system's authorities
 * @param tls LiveKit's newer block
 * @param maxRedirects in a Cluster
 * @param dialTimeout for a connection and its greeting
 */
public record RedisSettings(
    String address,
    String username,
    String password,
    int database,
    boolean useTls,
    Optional<Tls> tls,
    String sentinelMasterName,
    String sentinelUsername,
    String sentinelPassword,
    List<String> sentinelAddresses,
    List<String> clusterAddresses,
    int maxRedirects,
    Duration dialTimeout) {
  /** Checks that some address is set, and copies the lists. */
  public RedisSettings {
    if (address.isEmpty() && sentinelAddresses.isEmpty() && clusterAddresses.isEmpty()) {
      throw new IllegalArgumentException(
          "redis needs an address, sentinel_addresses or cluster_addresses");
    }
    if (!sentinelAddresses.isEmpty() && sentinelMasterName.isEmpty()) {
      throw new IllegalArgumentException("redis.sentinel_addresses needs sentinel_master_name");
    }
    sentinelAddresses = List.copyOf(sentinelAddresses);
    clusterAddresses = List.copyOf(clusterAddresses);
  }

  /**
   * LiveKit's {@code tls} block.
   *
   * @param enabled false: as if the block were not there
   * @param insecure believe any certificate
   * @param serverName to ask for and to check; empty: the address's host
   * @param caCertFile PEM; empty: the system's authorities
   * @param clientCertFile PEM; empty: none
   * @param clientKeyFile PEM (PKCS#8); empty: none
   */
  public record Tls(
      boolean enabled,
      boolean insecure,
      String serverName,
      String caCertFile,
      String clientCertFile,
      String clientKeyFile) {}

  /** A server without password or TLS. */
  public static RedisSettings plain(String address) {
    return new RedisSettings(
        address,
        "",
        "",
        0,
        false,
        Optional.empty(),
        "",
        "",
        "",
        List.of(),
        List.of(),
        2,
        Duration.ofSeconds(2));
  }

  /** The same as another user. */
  public RedisSettings as(String username, String password) {
    return new RedisSettings(
        address,
        username,
        password,
        database,
        useTls,
        tls,
        sentinelMasterName,
        sentinelUsername,
        sentinelPassword,
        sentinelAddresses,
        clusterAddresses,
        maxRedirects,
        dialTimeout);
  }

  /** The same over TLS. */
  public RedisSettings over(Tls tls) {
    return new RedisSettings(
        address,
        username,
        password,
        database,
        useTls,
        Optional.of(tls),
        sentinelMasterName,
        sentinelUsername,
        sentinelPassword,
        sentinelAddresses,
        clusterAddresses,
        maxRedirects,
        dialTimeout);
  }

  /** Behind these Sentinels. */
  public static RedisSettings sentinel(String masterName, List<String> addresses) {
    RedisSettings plain = plain("unused:0");
    return new RedisSettings(
        "",
        "",
        "",
        0,
        false,
        Optional.empty(),
        masterName,
        "",
        "",
        addresses,
        List.of(),
        plain.maxRedirects(),
        plain.dialTimeout());
  }

  /** A Cluster that these nodes know. */
  public static RedisSettings cluster(List<String> addresses) {
    RedisSettings plain = plain("unused:0");
    return new RedisSettings(
        "",
        "",
        "",
        0,
        false,
        Optional.empty(),
        "",
        "",
        "",
        List.of(),
        addresses,
        plain.maxRedirects(),
        plain.dialTimeout());
  }

  /** The block if it is switched on. */
  Optional<Tls> activeTls() {
    return tls.filter(Tls::enabled);
  }

  boolean isEncrypted() {
    return useTls || activeTls().isPresent();
  }

  /** Where it is, for people; no password. */
  public String where() {
    if (!sentinelAddresses.isEmpty()) {
      return "master " + sentinelMasterName + " of the Sentinels " + sentinelAddresses;
    }
    return clusterAddresses.isEmpty() ? address : "the Cluster " + clusterAddresses;
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return "RedisSettings[" + where() + (isEncrypted() ? ", tls" : "") + "]";
  }
}

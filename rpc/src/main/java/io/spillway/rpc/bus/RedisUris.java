package io.spillway.rpc.bus;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.spillway.rpc.bus.RedisSettings.Tls;
import java.io.File;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/** Our settings in Lettuce's words. */
final class RedisUris {
  private static final int DEFAULT_PORT = 6379;

  private final RedisSettings settings;

  RedisUris(RedisSettings settings) {
    this.settings = settings;
  }

  /** One server, of any kind. */
  RedisURI server(String address) {
    RedisURI uri = bare(address);
    authenticate(uri, settings.username(), settings.password());
    return common(uri);
  }

  /** The master that the Sentinels name when a connection is made. */
  RedisURI sentinels() {
    RedisURI.Builder builder =
        RedisURI.builder().withSentinelMasterId(settings.sentinelMasterName());
    for (String address : settings.sentinelAddresses()) {
      RedisURI sentinel = bare(address);
      authenticate(sentinel, settings.sentinelUsername(), settings.sentinelPassword());
      builder.withSentinel(common(sentinel));
    }
    RedisURI uri = builder.build();
    authenticate(uri, settings.username(), settings.password());
    return common(uri);
  }

  /** In a Cluster, how often a lock may be sent on to another node. */
  int maxRedirects() {
    return Math.max(1, settings.maxRedirects());
  }

  private RedisURI common(RedisURI uri) {
    uri.setDatabase(settings.database());
    uri.setTimeout(settings.dialTimeout());
    uri.setSsl(settings.isEncrypted());
    boolean insecure = settings.activeTls().map(Tls::insecure).orElse(false);
    uri.setVerifyPeer(insecure ? SslVerifyMode.NONE : SslVerifyMode.FULL);
    return uri;
  }

  private static void authenticate(RedisURI uri, String username, String password) {
    if (!password.isEmpty()) {
      uri.setCredentialsProvider(
          new StaticCredentialsProvider(
              username.isEmpty() ? null : username, password.toCharArray()));
    }
  }

  /** {@code host}, {@code host:port} or {@code [v6]:port}. */
  static RedisURI bare(String address) {
    int bracket = address.lastIndexOf(']');
    int colon = address.indexOf(':', bracket < 0 ? 0 : bracket);
    boolean isBareV6 = bracket < 0 && colon >= 0 && address.indexOf(':', colon + 1) >= 0;
    boolean hasPort = colon >= 0 && !isBareV6;
    String host = hasPort ? address.substring(0, colon) : address;
    int port = hasPort ? Integer.parseInt(address.substring(colon + 1)) : DEFAULT_PORT;
    if (bracket >= 0) {
      host = host.substring(1, host.length() - 1);
    }
    return RedisURI.create(host, port);
  }

  /** What holds for every connection. */
  ClientOptions.Builder into(ClientOptions.Builder options) {
    return options
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .replayFilter(command -> true)
        .socketOptions(
            SocketOptions.builder().connectTimeout(settings.dialTimeout()).tcpNoDelay(true).build())
        .sslOptions(settings.activeTls().map(RedisUris::sslOptions).orElseGet(SslOptions::create));
  }

  private static SslOptions sslOptions(Tls tls) {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    if (!tls.caCertFile().isEmpty()) {
      options.trustManager(new File(tls.caCertFile()));
    }
    if (!tls.clientCertFile().isEmpty()) {
      options.keyManager(
          new File(tls.clientCertFile()), new File(tls.clientKeyFile()), new char[0]);
    }
    if (!tls.serverName().isEmpty()) {
      options.sslParameters(() -> {
        SSLParameters parameters = new SSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(tls.serverName())));
        return parameters;
      });
    }
    return options.build();
  }
}

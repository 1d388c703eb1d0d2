package io.spillway.rpc.bus;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.spillway.rpc.bus.RedisSettings.Tls;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/**
 * Makes links from settings. A link that breaks is never mended by Lettuce (no reconnect, no replay
 * of what was under way): the bus makes another, so that there is one way back and not two.
 */
final class RedisConnector implements AutoCloseable {
  private static final int DEFAULT_PORT = 6379;

  /** Until each command must be answered: more than the loop-back needs to find a dead link. */
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);

  /** In a Cluster less: the loop-back proves one node, the loss of another shows only by this. */
  private static final Duration CLUSTER_COMMAND_TIMEOUT = Duration.ofSeconds(2);

  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private final RedisSettings settings;
  private final ClientResources resources;

  RedisConnector(RedisSettings settings) {
    this.settings = settings;
    this.resources =
        ClientResources.builder()
            .ioThreadPoolSize(2) // one for each of a link's connections
            .computationThreadPoolSize(2)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(new FlushTogether())
            .build();
  }

  /** Many callers' messages leave in one write: a flush waits for what is queued behind it. */
  private static final class FlushTogether implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      channel.pipeline().addFirst(new FlushConsolidationHandler(256, true));
    }
  }

  RedisSettings settings() {
    return settings;
  }

  /**
   * A new link; blocks for a few dial time-outs at most.
   *
   * @throws RuntimeException of Lettuce, when there is no Redis
   */
  RedisLink connect(RedisLink.Listener listener) {
    return settings.clusterAddresses().isEmpty()
        ? connectServer(listener)
        : connectCluster(listener);
  }

  private RedisLink connectServer(RedisLink.Listener listener) {
    RedisURI uri = settings.sentinelAddresses().isEmpty() ? uri(settings.address()) : sentinelUri();
    RedisClient client = RedisClient.create(resources, uri);
    client.setOptions(
        with(ClientOptions.builder(), COMMAND_TIMEOUT)
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    try {
      var commands = client.connect(CODEC);
      return new RedisLink(
          client, commands.async(), commands, client.connectPubSub(CODEC), listener);
    } catch (RuntimeException failure) {
      discard(client);
      throw failure;
    }
  }

  /**
   * Its connections to single nodes are made at the first command for their slots and come back by
   * themselves, so here commands wait for a connection (within their time-out).
   */
  private RedisLink connectCluster(RedisLink.Listener listener) {
    List<RedisURI> uris = settings.clusterAddresses().stream().map(this::uri).toList();
    RedisClusterClient client = RedisClusterClient.create(resources, uris);
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    var _ = with(options, CLUSTER_COMMAND_TIMEOUT);
    client.setOptions(options.maxRedirects(Math.max(1, settings.maxRedirects())).build());
    try {
      var commands = client.connect(CODEC);
      return new RedisLink(
          client, commands.async(), commands, client.connectPubSub(CODEC), listener);
    } catch (RuntimeException failure) {
      discard(client);
      throw failure;
    }
  }

  static void discard(AbstractRedisClient client) {
    var _ = client.shutdownAsync(0, 0, TimeUnit.MILLISECONDS);
  }

  private ClientOptions.Builder with(ClientOptions.Builder options, Duration commandTimeout) {
    return options
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .replayFilter(command -> true)
        .socketOptions(
            SocketOptions.builder().connectTimeout(settings.dialTimeout()).tcpNoDelay(true).build())
        .sslOptions(
            settings.activeTls().map(RedisConnector::sslOptions).orElseGet(SslOptions::create))
        .timeoutOptions(TimeoutOptions.enabled(commandTimeout));
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

  private RedisURI uri(String address) {
    RedisURI uri = bare(address);
    authenticate(uri, settings.username(), settings.password());
    return common(uri);
  }

  private RedisURI sentinelUri() {
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

  @Override
  public void close() {
    var _ = resources.shutdown(0, 0, TimeUnit.MILLISECONDS);
  }
}

package io.spillway.controller.request;

import io.spillway.protocol.livekit.AliOSSUpload;
import io.spillway.protocol.livekit.AzureBlobUpload;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.GCPUpload;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.S3Upload;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StorageConfig;
import io.spillway.protocol.livekit.StreamOutput;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests without their secrets, as EgressInfo shows them: each secret that is set becomes its
 * name in braces, stream keys keep a few characters at either end (livekit/protocol
 * egress/redact.go, utils/redact.go). Pure.
 *
 * <p>Beyond LiveKit's: a proxy's password, and user names and passwords inside URLs, are taken out
 * as well.
 */
public final class Redaction {
  private static final Pattern RTMP = Pattern.compile("^(rtmps?://)(.*/)(.*/)(\\S*)( live=1)?$");
  private static final Pattern SHORTHAND = Pattern.compile("^(mux|twitch)://(\\S+)$");
  private static final Pattern USER_INFO = Pattern.compile("^([a-z][a-z0-9+.-]*://)[^/?#]*@");

  private Redaction() {}

  /**
   * What a node reports, in case it forgot: its uploads and WebSocket without their secrets. Doing
   * it twice changes nothing; stream keys, for which that isn't so, are left to the node.
   */
  public static EgressInfo of(EgressInfo info) {
    return switch (info.getRequestCase()) {
      case TRACK -> info.toBuilder().setTrack(of(info.getTrack())).build();
      case EGRESS -> info.toBuilder().setEgress(uploadsOf(info.getEgress())).build();
      case ROOM_COMPOSITE, TRACK_COMPOSITE, WEB, PARTICIPANT, REPLAY, REQUEST_NOT_SET -> info;
    };
  }

  /** A v1 Track request without its secrets. */
  public static TrackEgressRequest of(TrackEgressRequest request) {
    TrackEgressRequest.Builder redacted = request.toBuilder();
    switch (request.getOutputCase()) {
      case FILE -> redacted.setFile(of(request.getFile()));
      case WEBSOCKET_URL -> redacted.setWebsocketUrl(url(request.getWebsocketUrl()));
      case OUTPUT_NOT_SET -> {}
    }
    return redacted.build();
  }

  /** A v2 request without its secrets. */
  public static StartEgressRequest of(StartEgressRequest request) {
    StartEgressRequest.Builder redacted = uploadsOf(request).toBuilder();
    for (Output.Builder output : redacted.getOutputsBuilderList()) {
      if (output.hasStream()) {
        output.setStream(of(output.getStream()));
      }
    }
    return redacted.build();
  }

  private static StartEgressRequest uploadsOf(StartEgressRequest request) {
    StartEgressRequest.Builder redacted = request.toBuilder();
    if (request.hasStorage()) {
      redacted.setStorage(of(request.getStorage()));
    }
    for (Output.Builder output : redacted.getOutputsBuilderList()) {
      if (output.hasStorage()) {
        output.setStorage(of(output.getStorage()));
      }
    }
    return redacted.build();
  }

  private static DirectFileOutput of(DirectFileOutput file) {
    return switch (file.getOutputCase()) {
      case S3 -> file.toBuilder().setS3(of(file.getS3())).build();
      case GCP -> file.toBuilder().setGcp(of(file.getGcp())).build();
      case AZURE -> file.toBuilder().setAzure(of(file.getAzure())).build();
      case ALIOSS -> file.toBuilder().setAliOSS(of(file.getAliOSS())).build();
      case OUTPUT_NOT_SET -> file;
    };
  }

  private static StorageConfig of(StorageConfig storage) {
    return switch (storage.getProviderCase()) {
      case S3 -> storage.toBuilder().setS3(of(storage.getS3())).build();
      case GCP -> storage.toBuilder().setGcp(of(storage.getGcp())).build();
      case AZURE -> storage.toBuilder().setAzure(of(storage.getAzure())).build();
      case ALIOSS -> storage.toBuilder().setAliOSS(of(storage.getAliOSS())).build();
      case PROVIDER_NOT_SET -> storage;
    };
  }

  private static S3Upload of(S3Upload s3) {
    S3Upload.Builder redacted =
        s3.toBuilder()
            .setAccessKey(named(s3.getAccessKey(), "access_key"))
            .setSecret(named(s3.getSecret(), "secret"))
            .setAssumeRoleExternalId(named(s3.getAssumeRoleExternalId(), "external_id"))
            .setSessionToken(named(s3.getSessionToken(), "session_token"));
    if (s3.hasProxy()) {
      redacted.getProxyBuilder().setPassword(named(s3.getProxy().getPassword(), "password"));
    }
    return redacted.build();
  }

  private static GCPUpload of(GCPUpload gcp) {
    GCPUpload.Builder redacted =
        gcp.toBuilder().setCredentials(named(gcp.getCredentials(), "credentials"));
    if (gcp.hasProxy()) {
      redacted.getProxyBuilder().setPassword(named(gcp.getProxy().getPassword(), "password"));
    }
    return redacted.build();
  }

  private static AzureBlobUpload of(AzureBlobUpload azure) {
    return azure.toBuilder()
        .setAccountName(named(azure.getAccountName(), "account_name"))
        .setAccountKey(named(azure.getAccountKey(), "account_key"))
        .build();
  }

  private static AliOSSUpload of(AliOSSUpload ali) {
    return ali.toBuilder()
        .setAccessKey(named(ali.getAccessKey(), "access_key"))
        .setSecret(named(ali.getSecret(), "secret"))
        .build();
  }

  private static StreamOutput of(StreamOutput stream) {
    StreamOutput.Builder redacted = stream.toBuilder();
    for (int i = 0; i < stream.getUrlsCount(); i++) {
      redacted.setUrls(i, streamUrl(stream.getUrls(i)));
    }
    redacted.getDestinationsBuilderList().forEach(d -> d.setUrl(streamUrl(d.getUrl())));
    return redacted.build();
  }

  private static String named(String secret, String name) {
    return secret.isEmpty() ? "" : "{" + name + "}";
  }

  /** A stream's URL without its key. */
  public static String streamUrl(String url) {
    Matcher shorthand = SHORTHAND.matcher(url);
    if (shorthand.matches()) {
      return shorthand.group(1) + "://" + shortened(shorthand.group(2));
    }
    Matcher rtmp = RTMP.matcher(url);
    if (rtmp.matches()) {
      String live = rtmp.group(5) == null ? "" : rtmp.group(5);
      return rtmp.group(1) + rtmp.group(2) + rtmp.group(3) + shortened(rtmp.group(4)) + live;
    }
    return url(url);
  }

  /** A URL without the values of its query and without user and password. */
  public static String url(String url) {
    String open = USER_INFO.matcher(url).replaceFirst("$1{...}@");
    int at = open.indexOf('?');
    if (at < 0) {
      return open;
    }
    StringBuilder redacted = new StringBuilder(open.substring(0, at));
    char separator = '?';
    for (String parameter : open.substring(at + 1).split("&", -1)) {
      int equals = parameter.indexOf('=');
      boolean hasValue = equals >= 0 && equals + 1 < parameter.length();
      redacted
          .append(separator)
          .append(hasValue ? parameter.substring(0, equals) + "={...}" : parameter);
      separator = '&';
    }
    return redacted.toString();
  }

  private static String shortened(String key) {
    int kept = Math.min(3, key.length() / 3);
    return String.format(
        Locale.ROOT, "{%s...%s}", key.substring(0, kept), key.substring(key.length() - kept));
  }
}

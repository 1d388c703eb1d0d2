package io.spillway.rpc.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Msg;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What travels on a channel: a type's name and the message of that type (livekit/psrpc
 * internal/bus/serialization.go). On Redis the envelope's third field, the channel, stays empty.
 */
public final class Envelope {
  /** The four kinds, one to a channel. */
  public static final Kind<Request> REQUEST = new Kind<>("internal.Request", Request.parser());

  public static final Kind<Response> RESPONSE = new Kind<>("internal.Response", Response.parser());
  public static final Kind<ClaimRequest> CLAIM_REQUEST =
      new Kind<>("internal.ClaimRequest", ClaimRequest.parser());
  public static final Kind<ClaimResponse> CLAIM_RESPONSE =
      new Kind<>("internal.ClaimResponse", ClaimResponse.parser());

  private Envelope() {}

  /** A kind of message; its name is the protobuf full name. */
  public static final class Kind<T extends Message> {
    private final String name;
    private final ByteString typeUrl;
    private final Parser<T> parser;

    private Kind(String name, Parser<T> parser) {
      this.name = name;
      this.typeUrl = ByteString.copyFromUtf8("type.googleapis.com/" + name);
      this.parser = parser;
    }

    /** The bytes of an envelope around {@code message}. */
    public byte[] encode(T message) {
      int length = message.getSerializedSize();
      int size =
          CodedOutputStream.computeBytesSize(Msg.TYPE_URL_FIELD_NUMBER, typeUrl)
              + CodedOutputStream.computeTagSize(Msg.VALUE_FIELD_NUMBER)
              + CodedOutputStream.computeUInt32SizeNoTag(length)
              + length;
      byte[] bytes = new byte[length == 0 ? size - 2 : size];
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      try {
        out.writeBytes(Msg.TYPE_URL_FIELD_NUMBER, typeUrl);
        if (length > 0) { // proto3: an empty field is not written
          out.writeTag(Msg.VALUE_FIELD_NUMBER, 2);
          out.writeUInt32NoTag(length);
          message.writeTo(out);
        }
        out.checkNoSpaceLeft();
      } catch (IOException impossible) {
        throw new UncheckedIOException("an array of the right size took no message", impossible);
      }
      return bytes;
    }

    /**
     * The message in an envelope; empty when these bytes are no envelope or one of another kind.
     * The message may share the array: nobody may change it from here on.
     */
    public Optional<T> decode(byte[] payload) {
      try {
        Msg envelope = Msg.parseFrom(sharing(UnsafeByteOperations.unsafeWrap(payload)));
        String url = envelope.getTypeUrl();
        if (!url.endsWith(name) || url.indexOf('/') != url.length() - name.length() - 1) {
          return Optional.empty();
        }
        return Optional.of(parser.parseFrom(sharing(envelope.getValue())));
      } catch (IOException notProtobuf) {
        return Optional.empty();
      }
    }
  }

  /** Fields of bytes then point into the array instead of copying it: messages reach 16 MiB. */
  private static CodedInputStream sharing(ByteString bytes) {
    CodedInputStream in = bytes.newCodedInput();
    in.enableAliasing(true);
    return in;
  }
}

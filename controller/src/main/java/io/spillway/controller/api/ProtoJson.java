package io.spillway.controller.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.util.List;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages as JSON in the manner of Go's Twirp server: proto field names, every field printed that
 * isn't in a oneof, absent messages as null; on the way in both namings, unknown fields ignored.
 */
final class ProtoJson {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private ProtoJson() {}

  /** The message's JSON. */
  static ObjectNode print(Message message) {
    try {
      ObjectNode node = (ObjectNode) JSON.readTree(PRINTER.print(message));
      addNulls(message, node);
      return node;
    } catch (InvalidProtocolBufferException unknownAny) {
      throw new IllegalStateException("our messages hold no Any", unknownAny);
    }
  }

  /**
   * Reads a message. Jackson goes first because protobuf's own parser is lenient (comments, an
   * empty text, any depth) where Go's is strict; what follows the first value is ignored, as Go
   * does.
   *
   * @throws InvalidProtocolBufferException whenever the text isn't the message's JSON
   */
  static void parse(byte[] json, Message.Builder into) throws InvalidProtocolBufferException {
    try {
      JsonNode node = STRICT.readTree(json);
      if (!node.isObject()) {
        throw new InvalidProtocolBufferException("not a JSON object");
      }
      PARSER.merge(node.toString(), into);
    } catch (InvalidProtocolBufferException known) {
      throw known;
    } catch (RuntimeException odd) {
      // Jackson's own, and whatever protobuf's parser throws on odd numbers and shapes.
      throw new InvalidProtocolBufferException("not this message's JSON: " + odd);
    }
  }

  /** Go prints an absent message as null, Java leaves it out. */
  private static void addNulls(MessageOrBuilder message, ObjectNode node) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isMapField()) {
        continue;
      }
      if (field.isRepeated()) {
        List<?> children = (List<?>) message.getField(field);
        ArrayNode array = (ArrayNode) node.get(field.getName());
        for (int i = 0; i < children.size(); i++) {
          addNulls((Message) children.get(i), (ObjectNode) array.get(i));
        }
      } else if (message.hasField(field)) {
        addNulls((Message) message.getField(field), (ObjectNode) node.get(field.getName()));
      } else if (field.getContainingOneof() == null) {
        node.putNull(field.getName());
      }
    }
  }
}

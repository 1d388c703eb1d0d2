package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.spillway.interop.fixture.Programs;
import io.spillway.protocol.livekit.EgressInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Our own .proto files against the descriptors that LiveKit publishes (PyPI livekit-protocol). */
class ProtocolNumbersTest {
  private static JsonNode published = JsonMapper.builder().build().createObjectNode();

  @BeforeAll
  static void dump() throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(
                Programs.python().toString(), Programs.script("dump_descriptors.py").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String json = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor()).isZero();
    published = JsonMapper.builder().build().readTree(json);
  }

  @Test
  void eachFieldHasLiveKitsNumberTypeAndCount() {
    List<String> differences = new ArrayList<>();
    int compared = 0;
    for (Descriptor message : messages()) {
      JsonNode theirs = published.path("messages").path(message.getFullName());
      if (theirs.isMissingNode()) {
        differences.add(message.getFullName() + ": LiveKit has no such message");
        continue;
      }
      for (FieldDescriptor field : message.getFields()) {
        compared++;
        String where = message.getFullName() + "." + field.getName();
        compare(where, field, theirs.path(field.getName()), differences);
      }
    }
    assertThat(differences).isEmpty();
    assertThat(compared).isGreaterThan(150);
  }

  private static void compare(
      String where, FieldDescriptor ours, JsonNode theirs, List<String> differences) {
    if (theirs.isMissingNode()) {
      differences.add(where + ": LiveKit has no such field");
      return;
    }
    String mine =
        ours.getNumber()
            + " "
            + ours.getType().name().toLowerCase(Locale.ROOT)
            + " "
            + (ours.isRepeated() ? "repeated" : "single");
    String other =
        theirs.get(0).asInt() + " " + theirs.get(1).asString() + " " + theirs.get(2).asString();
    if (!mine.equals(other)) {
      differences.add(where + ": ours is " + mine + ", LiveKit's is " + other);
    }
  }

  @Test
  void noFieldOfLiveKitsIsMissing() {
    List<String> missing = new ArrayList<>();
    for (Descriptor message : messages()) {
      if (message.getFields().isEmpty()) {
        continue; // only holds a nested enum: ParticipantInfo.Kind
      }
      for (String field : published.path("messages").path(message.getFullName()).propertyNames()) {
        if (message.findFieldByName(field) == null) {
          missing.add(message.getFullName() + "." + field);
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void eachEnumValueHasLiveKitsNumber() {
    Map<String, Map<String, Integer>> ours = new TreeMap<>();
    Map<String, Map<String, Integer>> theirs = new TreeMap<>();
    for (EnumDescriptor choice : enums()) {
      Map<String, Integer> values = new TreeMap<>();
      for (EnumValueDescriptor value : choice.getValues()) {
        values.put(value.getName(), value.getNumber());
      }
      ours.put(choice.getFullName(), values);
      Map<String, Integer> others = new TreeMap<>();
      JsonNode node = published.path("enums").path(choice.getFullName());
      node.propertyNames().forEach(name -> others.put(name, node.path(name).asInt()));
      theirs.put(choice.getFullName(), others);
    }
    assertThat(ours).hasSizeGreaterThan(8).isEqualTo(theirs);
  }

  private static List<Descriptor> messages() {
    List<Descriptor> out = new ArrayList<>();
    file().getMessageTypes().forEach(message -> collect(message, out));
    return out;
  }

  private static void collect(Descriptor message, List<Descriptor> out) {
    if (!message.getOptions().getMapEntry()) {
      out.add(message);
      message.getNestedTypes().forEach(nested -> collect(nested, out));
    }
  }

  private static List<EnumDescriptor> enums() {
    List<EnumDescriptor> out = new ArrayList<>(file().getEnumTypes());
    messages().forEach(message -> out.addAll(message.getEnumTypes()));
    return out;
  }

  private static FileDescriptor file() {
    return EgressInfo.getDescriptor().getFile();
  }
}

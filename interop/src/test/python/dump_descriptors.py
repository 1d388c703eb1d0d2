"""Prints every message field and enum value of LiveKit's published egress protocol as JSON.

{"messages": {"livekit.EgressInfo": {"egress_id": [1, "string", "optional"], ...}, ...},
 "enums": {"livekit.EgressStatus": {"EGRESS_STARTING": 0, ...}, ...}}
"""

import json

from google.protobuf import descriptor
from livekit.protocol import egress, webhook  # noqa: F401 (registers their files)
from livekit.protocol import room  # noqa: F401

TYPES = {
    getattr(descriptor.FieldDescriptor, name): name[5:].lower()
    for name in dir(descriptor.FieldDescriptor)
    if name.startswith("TYPE_")
}


def walk_message(message, out):
    out["messages"][message.full_name] = {
        field.name: [
            field.number,
            TYPES[field.type],
            "repeated" if field.is_repeated else "single",
        ]
        for field in message.fields
    }
    for nested in message.nested_types:
        walk_message(nested, out)
    for enum in message.enum_types:
        walk_enum(enum, out)


def walk_enum(enum, out):
    out["enums"][enum.full_name] = {value.name: value.number for value in enum.values}


def main():
    out = {"messages": {}, "enums": {}}
    for module in (egress, webhook, room):
        file = module.DESCRIPTOR
        for message in file.message_types_by_name.values():
            walk_message(message, out)
        for enum in file.enum_types_by_name.values():
            walk_enum(enum, out)
        for needed in file.dependencies:
            if needed.package == "livekit":
                for message in needed.message_types_by_name.values():
                    walk_message(message, out)
                for enum in needed.enum_types_by_name.values():
                    walk_enum(enum, out)
    print(json.dumps(out))


main()

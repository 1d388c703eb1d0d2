"""Records a track for a while with the PyPI client, as any application would.

record.py v1|v2 audio|video ROOM TRACK FILEPATH SECONDS

Reads LIVEKIT_URL (here: Spillway's address), LIVEKIT_API_KEY and LIVEKIT_API_SECRET. Prints as JSON
lines: the EgressInfo of the start, when it asks for the stop (Unix nanoseconds), the EgressInfo of
the stop and of its end.
"""

import asyncio
import sys
import time

from google.protobuf import json_format
from livekit import api


def show(info):
    text = json_format.MessageToJson(info, preserving_proto_field_name=True, indent=None)
    print(text, flush=True)


def request(version, kind, room, track, filepath):
    if version == "v1":
        return api.TrackEgressRequest(
            room_name=room, track_id=track, file=api.DirectFileOutput(filepath=filepath)
        )
    from livekit.protocol import egress as v2

    if kind == "audio":
        routes = [v2.AudioRoute(track_id=track)]
        media = v2.MediaSource(audio=v2.AudioConfig(routes=routes))
    else:
        media = v2.MediaSource(video_track_id=track)
    return v2.StartEgressRequest(
        room_name=room,
        media=media,
        preset=v2.EncodingOptionsPreset.PASSTHROUGH,
        outputs=[v2.Output(file=v2.FileOutput(filepath=filepath))],
    )


async def main():
    version, kind, room, track, filepath, seconds = sys.argv[1:]
    async with api.LiveKitAPI() as client:
        asked = request(version, kind, room, track, filepath)
        if version == "v1":
            info = await client.egress.start_track_egress(asked)
        else:
            info = await client.egress.start_egress(asked)
        show(info)
        await asyncio.sleep(float(seconds))
        print(time.time_ns(), flush=True)
        show(await client.egress.stop_egress(api.StopEgressRequest(egress_id=info.egress_id)))
        while True:
            listed = await client.egress.list_egress(
                api.ListEgressRequest(egress_id=info.egress_id)
            )
            info = listed.items[0]
            if info.status >= api.EgressStatus.EGRESS_COMPLETE:
                show(info)
                return
            await asyncio.sleep(0.1)


asyncio.run(main())

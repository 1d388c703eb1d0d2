"""Makes a room whose tracks are recorded by themselves (auto egress), with the PyPI client.

auto_room.py ROOM FILEPATH

Reads LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. Prints the room's sid.
"""

import asyncio
import sys

from livekit import api


async def main():
    room, filepath = sys.argv[1:]
    async with api.LiveKitAPI() as client:
        made = await client.room.create_room(
            api.CreateRoomRequest(
                name=room,
                empty_timeout=60,
                egress=api.RoomEgress(tracks=api.AutoTrackEgress(filepath=filepath)),
            )
        )
        print(made.sid, flush=True)


asyncio.run(main())

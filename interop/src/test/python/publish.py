"""Publishes a moving picture and a 440 Hz tone into a LiveKit room with the Rust SDK's core.

Reads the server's address and a token from LIVEKIT_URL and LIVEKIT_TOKEN. Takes commands as JSON
lines on stdin and answers each with one JSON line on stdout:

    {"do": "publish", "kind": "video", "codec": "vp8", "width": 640, "height": 360, "fps": 25}
    {"do": "publish", "kind": "audio"}
    {"do": "publish_many", "count": 10}    tracks of one tone; answered with {"sids": [...]}
    {"do": "mute" | "unmute" | "unpublish", "kind": "audio" | "video"}
    {"do": "hush" | "speak"}               the tone stops, goes on: samples flow, all zero
    {"do": "signal"}                       publishes sound and picture that beep and flash at once
    {"do": "signalled"}                    when it pushed each, as Unix nanoseconds:
                                           {"beeps": [...], "flashes": [...]}
    {"do": "leave"}

The answer to "publish" is {"done": "publish", "sid": "TR_..."}; each answer tells when its command
was begun ("at", Unix nanoseconds). A command that fails is answered with {"failed": "...", "text":
"..."}. The end of stdin is a "leave".
"""

import asyncio
import json
import os
import sys
import time

import numpy as np
from livekit import rtc

TONE_HZ = 440
RATE = 48000
CODECS = {
    "vp8": rtc.VideoCodec.VP8,
    "vp9": rtc.VideoCodec.VP9,
    "h264": rtc.VideoCodec.H264,
    "av1": rtc.VideoCodec.AV1,
}


class Sound:
    """A sine wave without a seam, 10 ms at a time."""

    def __init__(self):
        self.source = rtc.AudioSource(RATE, 1)
        self.track = rtc.LocalAudioTrack.create_audio_track("tone", self.source)
        self.at = 0
        self.volume = 12000

    async def run(self):
        step = RATE // 100
        while True:
            t = (self.at + np.arange(step)) / RATE
            samples = (np.sin(2 * np.pi * TONE_HZ * t) * self.volume).astype(np.int16)
            self.at += step
            frame = rtc.AudioFrame(samples.tobytes(), RATE, 1, step)
            await self.source.capture_frame(frame)


class Picture:
    """A bright bar that walks over a grey ramp: each frame differs from the one before."""

    def __init__(self, width, height, fps):
        self.width, self.height, self.fps = width, height, fps
        self.source = rtc.VideoSource(width, height)
        self.track = rtc.LocalVideoTrack.create_video_track("picture", self.source)
        ramp = np.linspace(30, 120, width, dtype=np.uint8)
        self.ramp = np.tile(ramp, (height, 1))
        self.chroma = np.full((height // 2) * (width // 2) * 2, 128, dtype=np.uint8)
        self.n = 0

    def frame(self):
        luma = self.ramp.copy()
        bar = max(8, self.width // 16)
        left = (self.n * 7) % (self.width - bar)
        luma[:, left : left + bar] = 220
        self.n += 1
        data = np.concatenate([luma.ravel(), self.chroma])
        return rtc.VideoFrame(
            self.width, self.height, rtc.VideoBufferType.I420, data.tobytes()
        )

    async def run(self):
        loop = asyncio.get_running_loop()
        start = loop.time()
        while True:
            due = start + self.n / self.fps
            await asyncio.sleep(max(0, due - loop.time()))
            self.source.capture_frame(self.frame(), timestamp_us=int(loop.time() * 1e6))


class Signals:
    """Sound and picture that beep and flash together for a tenth of each second.

    Both are pushed by one clock at the moment they are for, past the source's queue of a second.
    """

    BEEP_HZ = 1000

    def __init__(self, width=320, height=180, fps=25):
        self.width, self.height, self.fps = width, height, fps
        self.sound = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        self.picture = rtc.VideoSource(width, height)
        self.beeps, self.flashes = [], []
        chroma = np.full((height // 2) * (width // 2) * 2, 128, dtype=np.uint8)
        ramp = np.tile(np.linspace(16, 60, width, dtype=np.uint8), (height, 1)).ravel()
        white = np.full(width * height, 235, dtype=np.uint8)
        self.dark = np.concatenate([ramp, chroma]).tobytes()
        self.bright = np.concatenate([white, chroma]).tobytes()

    def sound_task(self):
        return self.paced(100, self.push_sound, self.beeps)

    def picture_task(self):
        return self.paced(self.fps, self.push_picture, self.flashes)

    async def paced(self, rate, push, begins):
        """Calls push(n, on) n / rate seconds after a whole second of the clock."""
        loop = asyncio.get_running_loop()
        start = int(loop.time()) + 1
        n = 0
        while True:
            await asyncio.sleep(max(0, start + n / rate - loop.time()))
            if n % rate == 0:
                begins.append(time.time_ns())
            await push(n, n % rate < rate / 10)
            n += 1

    async def push_sound(self, n, on):
        step = RATE // 100
        t = (n * step + np.arange(step)) / RATE
        samples = (np.sin(2 * np.pi * self.BEEP_HZ * t) * (12000 if on else 0)).astype(np.int16)
        await self.sound.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, step))

    async def push_picture(self, _, on):
        frame = rtc.VideoFrame(
            self.width,
            self.height,
            rtc.VideoBufferType.I420,
            self.bright if on else self.dark,
        )
        now = asyncio.get_running_loop().time()
        self.picture.capture_frame(frame, timestamp_us=int(now * 1e6))


class Publisher:
    def __init__(self):
        self.room = rtc.Room()
        self.live = {}

    async def connect(self):
        await self.room.connect(
            os.environ["LIVEKIT_URL"],
            os.environ["LIVEKIT_TOKEN"],
            rtc.RoomOptions(auto_subscribe=False),
        )

    async def publish(self, command):
        kind = command["kind"]
        if kind == "audio":
            media = Sound()
            options = rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_MICROPHONE,
                dtx=command.get("dtx", False),
                red=command.get("red", False),
            )
        else:
            media = Picture(
                command.get("width", 640), command.get("height", 360), command.get("fps", 25)
            )
            options = rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_CAMERA,
                video_codec=CODECS[command.get("codec", "vp8")],
                simulcast=command.get("simulcast", False),
            )
        publication = await self.room.local_participant.publish_track(media.track, options)
        self.live[kind] = (media, asyncio.create_task(media.run()), publication)
        return {"sid": publication.sid}

    async def publish_many(self, command):
        """One tone feeds them all: the encoders are the work, not Python."""
        sound = Sound()
        sids = []
        for n in range(command["count"]):
            track = rtc.LocalAudioTrack.create_audio_track(f"tone-{n}", sound.source)
            options = rtc.TrackPublishOptions(dtx=False, red=False)
            publication = await self.room.local_participant.publish_track(track, options)
            self.live[f"many-{n}"] = (sound, None, publication)
            sids.append(publication.sid)
        self.live["many"] = (sound, asyncio.create_task(sound.run()), None)
        return {"sids": sids}

    async def signal(self, command):
        signals = Signals()
        sound = rtc.LocalAudioTrack.create_audio_track("beep", signals.sound)
        picture = rtc.LocalVideoTrack.create_video_track("flash", signals.picture)
        participant = self.room.local_participant
        audio = await participant.publish_track(
            sound,
            rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False
            ),
        )
        video = await participant.publish_track(
            picture,
            rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_CAMERA,
                video_codec=CODECS[command.get("codec", "vp8")],
                simulcast=False,
            ),
        )
        self.live["beep"] = (signals, asyncio.create_task(signals.sound_task()), audio)
        self.live["flash"] = (signals, asyncio.create_task(signals.picture_task()), video)
        return {"sids": [audio.sid, video.sid]}

    async def signalled(self, command):
        signals = self.live["beep"][0]
        return {"beeps": signals.beeps, "flashes": signals.flashes}

    async def hush(self, command):
        self.live["audio"][0].volume = 0

    async def speak(self, command):
        self.live["audio"][0].volume = 12000

    async def mute(self, command):
        self.live[command["kind"]][0].track.mute()

    async def unmute(self, command):
        self.live[command["kind"]][0].track.unmute()

    async def unpublish(self, command):
        media, task, publication = self.live.pop(command["kind"])
        await self.room.local_participant.unpublish_track(publication.sid)
        task.cancel()

    async def leave(self, command):
        for _, task, _ in self.live.values():
            if task:
                task.cancel()
        await self.room.disconnect()


def answer(**fields):
    print(json.dumps(fields), flush=True)


async def main():
    publisher = Publisher()
    await publisher.connect()
    answer(done="connect")
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while True:
        line = await reader.readline()
        command = json.loads(line) if line else {"do": "leave"}
        begun = time.time_ns()
        try:
            fields = await getattr(publisher, command["do"])(command) or {}
            answer(done=command["do"], at=begun, **fields)
        except Exception as failure:  # the test decides what a failure means
            answer(failed=command["do"], text=repr(failure))
        if command["do"] == "leave":
            return


asyncio.run(main())

// Does what the test says: fetches one command at a time from /command (the server holds the
// request until there is one), answers it by POST to /answer.
const { Room, Track, VideoPresets } = window.LivekitClient;
const room = new Room({ adaptiveStream: false, dynacast: false });
const published = {};

// 440 Hz from Web Audio: the fake microphone's beep has no steady tone to measure.
function tone() {
  const context = new AudioContext({ sampleRate: 48000 });
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const gain = new GainNode(context, { gain: 0.4 });
  const out = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(gain).connect(out);
  oscillator.start();
  return out.stream.getAudioTracks()[0];
}

async function camera(width, height) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { exact: width }, height: { exact: height }, frameRate: 30 },
  });
  return stream.getVideoTracks()[0];
}

const commands = {
  async connect({ url, token }) {
    await room.connect(url, token, { autoSubscribe: false });
    return {};
  },
  async publish({ kind, codec, width, height, simulcast }) {
    const media = kind === 'audio' ? tone() : await camera(width, height);
    const options =
      kind === 'audio'
        ? { source: Track.Source.Microphone, dtx: false, red: true }
        : {
            source: Track.Source.Camera,
            videoCodec: codec,
            backupCodec: false,
            simulcast,
            videoSimulcastLayers: [VideoPresets.h180, VideoPresets.h360],
          };
    const publication = await room.localParticipant.publishTrack(media, options);
    published[kind] = publication;
    const encodings = publication.track.sender.getParameters().encodings;
    return {
      sid: publication.trackSid,
      mime: publication.mimeType ?? '',
      encodings: encodings.map((encoding) => encoding.scalabilityMode ?? 'L1T1'),
    };
  },
  async sent() {
    const stats = await published.video.track.sender.getStats();
    const widths = [...stats.values()]
      .filter((entry) => entry.type === 'outbound-rtp')
      .map((entry) => entry.frameWidth ?? 0);
    return { width: Math.max(0, ...widths) };
  },
  async codec({ kind }) {
    const { codecs } = published[kind].track.sender.getParameters();
    return { mime: codecs[0]?.mimeType ?? '' };
  },
  async mute({ kind }) {
    await published[kind].mute();
    return {};
  },
  async unmute({ kind }) {
    await published[kind].unmute();
    return {};
  },
  async unpublish({ kind }) {
    await room.localParticipant.unpublishTrack(published[kind].track);
    return {};
  },
  async leave() {
    await room.disconnect();
    return {};
  },
};

async function answer(body) {
  await fetch('/answer', { method: 'POST', body: JSON.stringify(body) });
}

for (;;) {
  const response = await fetch('/command');
  if (response.status === 204) continue;
  const command = await response.json();
  try {
    await answer({ done: command.do, ...(await commands[command.do](command)) });
  } catch (failure) {
    await answer({ failed: command.do, text: String(failure) });
  }
}

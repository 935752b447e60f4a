// What the page of a caller holds: the unmodified SDK, a video element, and a log of events.
import StreamingAvatar, { StreamingEvents, VoiceChatTransport } from '@heygen/streaming-avatar';
import { Room, RoomEvent } from 'livekit-client';

const events = [];
const began = performance.now();
const now = () => Math.round(performance.now() - began);
window.events = events;
window.livekit = { Room, RoomEvent };

window.open_avatar = async (base, token, transport) => {
  const avatar = new StreamingAvatar({ token, basePath: base });
  window.avatar = avatar;
  for (const name of Object.values(StreamingEvents)) {
    avatar.on(name, (event) => {
      const detail = event?.detail;
      events.push({ name, at: now(), message: detail?.message, task: detail?.task_id });
      if (name === StreamingEvents.STREAM_READY) {
        const video = document.querySelector('video');
        video.srcObject = detail;
        video.play();
      }
    });
  }
  const info = await avatar.createStartAvatar({
    quality: 'medium',
    avatarName: 'default',
    voice: { rate: 1.0, emotion: 'friendly' },
    knowledgeBase: window.knowledge,
    language: 'en',
    voiceChatTransport: transport === 'livekit' ? VoiceChatTransport.LIVEKIT : VoiceChatTransport.WEBSOCKET,
  });
  return info.session_id;
};

window.clock = now;

window.seen = async (name, from, seconds = 40) => {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const found = events.find((event) => event.name === name && event.at >= from);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no ${name} after ${seconds} s; seen: ${JSON.stringify(events.map((event) => event.name))}`);
};

window.received = async () => {
  const connection = window.avatar.room.engine.pcManager.subscriber._pc;
  const found = {};
  (await connection.getStats()).forEach((report) => {
    if (report.type === 'inbound-rtp') {
      found[report.kind] = {
        packets: report.packetsReceived,
        lost: report.packetsLost,
        frames: report.framesDecoded,
        width: report.frameWidth,
        height: report.frameHeight,
        energy: report.totalAudioEnergy,
      };
    }
  });
  return found;
};

// A page with livekit-client alone: enters a room, shows who is there, notes what is said.
import { Room, RoomEvent, version } from 'livekit-client';

const events = [];
window.events = events;

window.enter = async (url, token) => {
  const room = new Room();
  window.room = room;
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === 'video') track.attach(document.querySelector('video'));
    else document.body.append(track.attach());
  });
  room.on(RoomEvent.DataReceived, (bytes) => events.push(JSON.parse(new TextDecoder().decode(bytes))));
  room.on(RoomEvent.Disconnected, () => events.push({ type: 'disconnected' }));
  await room.connect(url, token);
  return version;
};

window.say = (text) => window.room.localParticipant.publishData(
  new TextEncoder().encode(JSON.stringify(text)), { reliable: true });

window.speak = () => window.room.localParticipant.setMicrophoneEnabled(true);

window.frames = () => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames;

window.saw = (kind, part = '') => events.some((item) => item.type === kind && (item.message ?? '').toLowerCase().includes(part));

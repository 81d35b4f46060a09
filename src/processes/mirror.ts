/** Entry point of the mirror process: reads the source for the mirror. Ends when the front does. */
import { Socket } from 'node:net';
import { MirrorService } from '../mirror/mirror-service.ts';
import type { MirrorReply, MirrorRequest } from '../mirror/protocol.ts';
import { CHANNEL_FD, leaveSignalsToFront } from '../stores/sqlite/child-channel.ts';
import { encodeFrame, FrameReader } from '../stores/sqlite/frames.ts';

leaveSignalsToFront();
// It has sockets of its own to the source, so it does not wait for the front alone as the store's processes do.
const pipe = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const frames = new FrameReader();
const service = new MirrorService((reply: MirrorReply) => {
  pipe.write(encodeFrame(reply));
});

pipe.on('data', (chunk) => {
  frames.push(chunk);
  for (let message = frames.next(); message !== undefined; message = frames.next())
    service.handle(message as MirrorRequest);
});
pipe.on('error', () => process.exit(0));
pipe.on('close', () => process.exit(0));

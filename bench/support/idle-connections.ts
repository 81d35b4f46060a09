/**
 * Holds keep-alive connections open: each asks once, takes its answer, and is silent then. Prints `open` when all are, and
 * `lost` for each that the server ends.
 *
 * Arguments: port, number of connections, path.
 */
import { connect, type Socket } from 'node:net';

const [port, count, path] = process.argv.slice(2);
const REQUEST = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
/** So many are opened at once: the kernel's queue of new connections may be short. */
const OPENING_MAX = 200;

const sockets: Socket[] = [];
let opening = 0;
let answered = 0;

function openMore(): void {
  while (opening < OPENING_MAX && sockets.length < Number(count)) {
    opening++;
    sockets.push(openOne());
  }
}

function openOne(): Socket {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  socket.write(REQUEST);
  let text = '';
  const take = (data: Buffer): void => {
    text += data.toString('latin1');
    if (!isWhole(text)) return;
    socket.off('data', take).resume();
    opening--;
    answered++;
    if (answered === Number(count)) console.log('open');
    openMore();
  };
  socket.on('data', take);
  socket.on('error', (error) => console.log(`lost: ${error.message}`));
  socket.on('close', () => console.log('lost'));
  return socket;
}

/** Head and body are there. */
function isWhole(text: string): boolean {
  const bodyAt = text.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return false;
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  if (!text.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(`not expected: ${text}`);
  return text.length - bodyAt >= Number(length);
}

openMore();

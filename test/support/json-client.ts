/** The JSON port as AvenirSQL's own client uses it: a connection for each request, the document as it is, the answer when it can be parsed. */
import { once } from 'node:events';
import { connect } from 'node:net';

export type JsonAnswer = Readonly<Record<string, unknown>>;

/** @throws when the connection ends without an answer */
export async function askJson(port: number, request: unknown): Promise<JsonAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setEncoding('utf8').on('error', () => socket.destroy());
  socket.write(typeof request === 'string' ? request : JSON.stringify(request));
  let text = '';
  try {
    for (;;) {
      const [piece] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
      if (typeof piece !== 'string') throw new Error(`the connection ended after ${JSON.stringify(text)}`);
      text += piece;
      try {
        return JSON.parse(text) as JsonAnswer;
      } catch {
        // It is not whole yet.
      }
    }
  } finally {
    socket.destroy();
  }
}

export async function signOf(port: number, user = 'root', password = ''): Promise<string> {
  const { data } = await askJson(port, { user, password, type: 'login' });
  return String(data);
}

/** A find as lines of JSON: an entry (or a key) each, and a last one that tells their number. However many there are, they are of one snapshot. */
import type { ServerResponse } from 'node:http';
import { asFailure, failure } from '../../errors.ts';
import type { Session } from '../../gate/request.ts';
import type { KeyCommand } from '../../keys/command.ts';
import type { KeyEntry } from '../../keys/entries.ts';
import { jsonString } from '../../util/json-text.ts';
import { errorBody } from './failures.ts';
import { entryJson } from './key-json.ts';
import type { FindRequest } from './key-parameters.ts';
import { beginLines, sendLines } from './ndjson.ts';

type FindCommand = Extract<KeyCommand, { op: 'find' }>;

/** Throws what a stream cannot tell. */
export function findToStream({ command }: FindRequest): FindCommand {
  if (command.op === 'find') return command;
  if (command.op === 'findKeys' && 'find' in command.query && command.query.superKeys === undefined) {
    const { find, filter } = command.query;
    return { op: 'find', pattern: find, filter, ...(command.options !== undefined && { options: command.options }) };
  }
  throw failure('ER_NOT_SUPPORTED_YET', 'super_keys or count as application/x-ndjson');
}

/** Rejects with what goes wrong before the first line; later it is the last line. */
export async function streamFind(
  session: Session,
  response: ServerResponse,
  command: FindCommand,
  keysOnly: boolean,
): Promise<void> {
  const outcome = await session.execute({ kind: 'key-stream', command });
  if (outcome.kind !== 'key-stream') throw new TypeError(`a find's outcome is '${outcome.kind}'`);
  const lineOf = keysOnly
    ? ({ key }: KeyEntry) => `${jsonString(key)}\n`
    : (entry: KeyEntry) => `${entryJson(entry)}\n`;
  let count = 0;
  try {
    for await (const chunk of outcome.chunks) {
      if (count === 0) beginOnce(response);
      count += chunk.length;
      // Leaving the loop ends the find.
      if (!(await sendChunk(response, chunk, lineOf))) return;
    }
    beginOnce(response);
    response.end(`{"count":${count}}\n`);
  } catch (error) {
    if (!response.headersSent) throw error;
    response.end(`${JSON.stringify({ error: errorBody(asFailure(error)) })}\n`);
  }
}

function beginOnce(response: ServerResponse): void {
  if (!response.headersSent) beginLines(response);
}

/** About what is made of text before it is handed on: entries may be large. */
const PIECE_CHARS = 64 * 1024;

/** False when the client has gone. */
async function sendChunk(
  response: ServerResponse,
  chunk: readonly KeyEntry[],
  lineOf: (entry: KeyEntry) => string,
): Promise<boolean> {
  let lines = '';
  for (const entry of chunk) {
    lines += lineOf(entry);
    if (lines.length < PIECE_CHARS) continue;
    if (!(await sendLines(response, lines))) return false;
    lines = '';
  }
  return await sendLines(response, lines);
}

/**
 * Character sets that are not known here (koi8r, gbk, sjis, ...): the source is asked how it converts each of their characters. That takes 0.15 s for the
 * largest, once in a process's life.
 */
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import { askRows } from '../ask-source.ts';
import { addCharacterSet, type CharacterSet, characterSet } from './character-set.ts';

/** In euc-jp's relatives this byte begins a character of three. */
const THREE_BYTES = 0x8f;
const FIRST_LEAD = 0x81;
const FIRST_TRAIL = 0x40;
const LAST = 0xfe;

/** Makes the character sets known that are not. Those that the source does not know either stay unknown. Names and texts must come as utf8mb4. */
export async function learnCharacterSets(connection: SourceConnection, names: Iterable<string>): Promise<void> {
  for (const name of new Set(names)) if (characterSet(name) === undefined) await learn(connection, name);
}

async function learn(connection: SourceConnection, name: string): Promise<void> {
  if (!/^\w+$/.test(name)) return;
  const [[bytesMax] = []] = await askRows(
    connection,
    `SELECT maxlen FROM information_schema.character_sets WHERE character_set_name = '${name}'`,
  );
  const bytes = Number(bytesMax);
  if (!(bytes >= 1 && bytes <= 3)) return;
  const single = await conversions(connection, name, `WITH b(v) AS (${values(0, 255)}) SELECT v AS s FROM b`);
  const pairs = `WITH b(v) AS (${values(FIRST_TRAIL, LAST)})
    SELECT CONCAT(a.v, b.v) AS s FROM b AS a JOIN b WHERE a.v >= x'${hex(FIRST_LEAD)}'`;
  const double = bytes < 2 ? new Map<number, string>() : await conversions(connection, name, pairs);
  const triples = pairs.replace('CONCAT(', `CONCAT(x'${hex(THREE_BYTES)}', `);
  const triple = bytes < 3 ? new Map<number, string>() : await conversions(connection, name, triples);
  addCharacterSet(name, tableSet(single, double, triple));
}

function values(first: number, last: number): string {
  return `VALUES ${Array.from({ length: last - first + 1 }, (_, i) => `(x'${hex(first + i)}')`).join(', ')}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Those byte sequences (column `s` of the query) that are a character of the set, as numbers, each with its text. */
async function conversions(connection: SourceConnection, name: string, query: string): Promise<Map<number, string>> {
  const rows = await askRows(
    connection,
    `SELECT HEX(s), HEX(CONVERT(s USING ${name})), HEX(CONVERT(CONVERT(s USING ${name}) USING utf8mb4)) FROM (${query}) AS t`,
  );
  const found = new Map<number, string>();
  for (const [bytes, same, text] of rows)
    if (bytes === same) found.set(Number.parseInt(bytes ?? '', 16), Buffer.from(text ?? '', 'hex').toString('utf8'));
  return found;
}

function tableSet(
  single: ReadonlyMap<number, string>,
  double: ReadonlyMap<number, string>,
  triple: ReadonlyMap<number, string>,
): CharacterSet {
  let extendsAscii = true;
  for (let code = 0; code < 128; code++) extendsAscii &&= single.get(code) === String.fromCharCode(code);
  const decode = (buffer: Buffer, start: number, end: number): string => {
    let text = '';
    for (let at = start; at < end; ) {
      const one = buffer[at] as number;
      let length = 1;
      let found = single.get(one);
      if (found === undefined && at + 1 < end) {
        length = 2;
        const two = (one << 8) | (buffer[at + 1] as number);
        found = double.get(two);
        if (found === undefined && at + 2 < end && one === THREE_BYTES) {
          length = 3;
          found = triple.get((two << 8) | (buffer[at + 2] as number));
        }
      }
      text += found ?? '?';
      at += length;
    }
    return text;
  };
  return { decode, extendsAscii };
}

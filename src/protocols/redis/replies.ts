/** Replies that many commands have in common. */
import type { Text } from '../../keys/redis/node.ts';
import type { ReplyWriter } from './reply-writer.ts';

export function writeText(out: ReplyWriter, text: Text | null): void {
  if (text === null) out.null();
  else out.bulk(text);
}

export function writeTexts(out: ReplyWriter, texts: readonly (Text | null)[]): void {
  out.array(texts.length);
  for (const text of texts) writeText(out, text);
}

export function writeBulk(out: ReplyWriter, text: Text): void {
  out.bulk(text);
}

/** true is 1. */
export function writeInteger(out: ReplyWriter, value: number | bigint | boolean): void {
  out.integer(typeof value === 'boolean' ? Number(value) : value);
}

export function writeOk(out: ReplyWriter): void {
  out.simple('OK');
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyWriter } from './reply-writer.ts';

function written(version: 2 | 3, write: (writer: ReplyWriter) => void): string {
  const writer = new ReplyWriter();
  writer.version = version;
  write(writer);
  const { byteLength } = writer;
  const all = Buffer.concat(writer.take());
  expect(all.length).toBe(byteLength);
  return all.toString('utf8');
}

describe('a reply', () => {
  it.each<[string, (writer: ReplyWriter) => void, string, string]>([
    ['OK', (w) => w.simple('OK'), '+OK\r\n', '+OK\r\n'],
    ['an error', (w) => w.error('ERR a\r\nb'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
    ['an integer', (w) => w.integer(-5), ':-5\r\n', ':-5\r\n'],
    ['a big integer', (w) => w.integer(2n ** 62n), ':4611686018427387904\r\n', ':4611686018427387904\r\n'],
    ['text', (w) => w.bulk('é😀'), '$6\r\né😀\r\n', '$6\r\né😀\r\n'],
    ['no text', (w) => w.bulk(''), '$0\r\n\r\n', '$0\r\n\r\n'],
    ['bytes', (w) => w.bulk(Uint8Array.of(0x61, 0x0d)), '$2\r\na\r\r\n', '$2\r\na\r\r\n'],
    ['null', (w) => w.null(), '$-1\r\n', '_\r\n'],
    ['a null array', (w) => w.nullArray(), '*-1\r\n', '_\r\n'],
    ['true', (w) => w.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (w) => w.boolean(false), ':0\r\n', '#f\r\n'],
    ['a double', (w) => w.double(0.1), '$3\r\n0.1\r\n', ',0.1\r\n'],
    ['inf', (w) => w.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['nan', (w) => w.double(NaN), '$3\r\nnan\r\n', ',nan\r\n'],
    ['a big number', (w) => w.bigNumber(-(10n ** 30n)), `$32\r\n-1${'0'.repeat(30)}\r\n`, `(-1${'0'.repeat(30)}\r\n`],
    ['text for people', (w) => w.verbatim('é'), '$2\r\né\r\n', '=6\r\ntxt:é\r\n'],
    ['an array', (w) => w.array(2), '*2\r\n', '*2\r\n'],
    ['a map', (w) => w.map(2), '*4\r\n', '%2\r\n'],
    ['a set', (w) => w.set(2), '*2\r\n', '~2\r\n'],
    ['a message', (w) => w.push(3), '*3\r\n', '>3\r\n'],
  ])('%s', (_name, write, two, three) => {
    expect(written(2, write)).toBe(two);
    expect(written(3, write)).toBe(three);
  });

  it('of any size comes out as it went in, in order, over many takings', () => {
    const size = fc.oneof(fc.nat(50), fc.nat(5_000), fc.constantFrom(16_383, 16_384, 40_000));
    fc.assert(
      fc.property(fc.array(fc.tuple(size, fc.boolean(), fc.boolean()), { maxLength: 40 }), (replies) => {
        const writer = new ReplyWriter();
        const taken: Buffer[] = [];
        let wanted = '';
        replies.forEach(([length, isText, takes], i) => {
          const text = String.fromCharCode(97 + (i % 26)).repeat(length);
          writer.bulk(isText ? text : Buffer.from(text));
          wanted += `$${length}\r\n${text}\r\n`;
          if (takes) taken.push(...writer.take());
        });
        taken.push(...writer.take());
        expect(Buffer.concat(taken).toString() === wanted).toBe(true);
        expect(writer.take()).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('a large one is handed on, not copied; small ones go out in one piece', () => {
    const writer = new ReplyWriter();
    const large = Buffer.alloc(100_000, 'x');
    writer.bulk(large);
    const chunks = writer.take();
    expect(chunks.some((chunk) => chunk.buffer === large.buffer && chunk.length === large.length)).toBe(true);
    for (let i = 0; i < 100; i++) writer.bulk('value');
    expect(writer.take()).toHaveLength(1);
  });
});

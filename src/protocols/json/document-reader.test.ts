/** Documents in streams of bytes, however these are cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentReader } from './document-reader.ts';

/** What it finds, the bytes coming in pieces of `step`. Broken ones in angle brackets. */
function read(text: string | Buffer, step = 1000, maxBytes?: number): string[] {
  const bytes = Buffer.from(text);
  const reader = new DocumentReader(maxBytes);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    reader.push(bytes.subarray(at, at + step));
    for (let piece = reader.next(); piece !== null; piece = reader.next()) {
      if (piece.kind === 'document') found.push(piece.bytes.toString());
      else {
        found.push(`<${piece.isFatal ? 'fatal: ' : ''}${piece.failure.message.replace('A JSON document: ', '')}>`);
        if (piece.isFatal) return found;
      }
    }
  }
  const rest = reader.end();
  return rest === null ? found : [...found, '<unfinished>'];
}

describe('DocumentReader', () => {
  it.each<[text: string, found: string[]]>([
    ['{}', ['{}']],
    ['{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    [' \r\n\t{"a":1}{"b":2}', ['{"a":1}', '{"b":2}']],
    ['{\n  "a": [1, {"b": 2}]\n}\n', ['{\n  "a": [1, {"b": 2}]\n}']],
    ['{"a":"}{][\\"}\\\\"}{"b":1}', ['{"a":"}{][\\"}\\\\"}', '{"b":1}']],
    ['{"a":"江湖 😀"}', ['{"a":"江湖 😀"}']],
    [
      'GET / HTTP/1.1\r\n{"a":1}',
      ['<it begins with "GET / HTTP/1.1\\r\\n{\\"a\\""; a document is an object, {...}>', '{"a":1}'],
    ],
    ['[1]\n{"a":1}', ['<it begins with "[1]\\n{\\"a\\":1}"; a document is an object, {...}>', '{"a":1}']],
    ['{"a":[1}]}\n{"b":1}', ['<a } that nothing opened>', '{"b":1}']],
    ['{"a":"x\n{"b":1}\n', ['<a line ends within a string>', '{"b":1}']],
    ['{"a":1', ['<unfinished>']],
    ['{"a":1}\n{"a', ['{"a":1}', '<unfinished>']],
    ['', []],
    ['\n\n  ', []],
  ])('%j', (text, found) => {
    expect(read(text)).toEqual(found);
    // The message shows what came with the first byte; the rest is the same however the bytes are cut.
    const plain = (pieces: string[]): string[] =>
      pieces.map((piece) => piece.replace(/^<it begins.*>$/, '<it begins>'));
    for (const step of [1, 2, 3, 7]) expect(plain(read(text, step)), `by ${step}`).toEqual(plain(found));
  });

  it('takes a document up to the limit, not beyond', () => {
    const text = '{"a":"xxxxxxxxxx"}';
    for (const step of [1, 5, 1000]) {
      expect(read(text, step, 18)).toEqual([text]);
      expect(read(text, step, 17)).toEqual(['<fatal: it has more than 17 bytes>']);
    }
  });

  it('takes 64 levels, not more', () => {
    const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
    expect(read(nested(64))).toEqual([nested(64)]);
    expect(read(nested(65))).toEqual(['<fatal: more than 64 levels>']);
  });

  it('finds any documents, cut anywhere, whatever stands in their strings', () => {
    const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (values, step, lines) => {
          const texts = values.map((one) => JSON.stringify(one));
          expect(read(texts.join(lines ? '\n' : ''), step)).toEqual(texts);
        },
      ),
      { seed: 7 },
    );
  });

  it('any bytes end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read(Buffer.from(bytes), 3).length).toBeLessThanOrEqual(bytes.length + 1);
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});

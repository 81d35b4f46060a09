import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REDIS_ARGUMENT_BYTES, MAX_REDIS_ARGUMENTS, MAX_REDIS_LINE_BYTES } from '../../limits.ts';
import { SeededRandom } from '../../util/random.ts';
import { RequestParser } from './request-parser.ts';

interface Outcome {
  commands: string[][];
  error: string | null;
}

/** Gives the bytes in these pieces, and takes every command as soon as it is whole. */
function parse(pieces: readonly Buffer[], isAuthenticated = true): Outcome {
  const parser = new RequestParser();
  parser.isAuthenticated = isAuthenticated;
  const taken: Buffer[][] = [];
  let error: string | null = null;
  try {
    for (const piece of pieces) {
      parser.push(piece);
      for (let command = parser.next(); command !== null; command = parser.next()) taken.push(command);
    }
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'SLUICE_REDIS_PROTOCOL' });
    error = (thrown as Error).message;
  }
  // Read at the end only: nothing that was given out may have been written over.
  return { commands: taken.map((command) => command.map((argument) => argument.toString('latin1'))), error };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const request = (...args: string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${bytes(arg).length}\r\n${arg}\r\n`).join('')}`;

const EXAMPLES: readonly (readonly [string, string[][], string | null])[] = [
  [request('PING'), [['PING']], null],
  [request('SET', 'k', 'a\r\n$b\0'), [['SET', 'k', 'a\r\n$b\0']], null],
  [
    request('GET', '') + request('GET', 'b'),
    [
      ['GET', ''],
      ['GET', 'b'],
    ],
    null,
  ],
  ['', [], null],
  ['\r\n', [], null],
  ['\n\r\n  \r\nPING\r\n', [['PING']], null],
  ['PING\n', [['PING']], null],
  [' set  k\t"a b" \r\n', [['set', 'k', 'a b']], null],
  ['set k "\\x41\\n\\t\\"\\\\\\q\\xzz"\r\n', [['set', 'k', 'A\n\t"\\qxzz']], null],
  ["set k 'it\\'s \\n'\r\n", [['set', 'k', "it's \\n"]], null],
  ['set k ""\r\n', [['set', 'k', '']], null],
  ['set a"b c"\r\n', [['set', 'ab c']], null],
  [`*0\r\n*-1\r\n*-10\r\n${request('PING')}`, [['PING']], null],
  [`PING\r\n${request('PING')}PING\n`, [['PING'], ['PING'], ['PING']], null],
  ['*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n', [['PING'], ['PING']], null],
  ['set k "a\r\n', [], 'unbalanced quotes in request'],
  ["set k 'a\r\n", [], 'unbalanced quotes in request'],
  ['set k "a"b\r\n', [], 'unbalanced quotes in request'],
  ['set k "a\\\r\n', [], 'unbalanced quotes in request'],
  ['*20000000\r\n', [], 'invalid multibulk length'],
  [`*${MAX_REDIS_ARGUMENTS + 1}\r\n`, [], 'invalid multibulk length'],
  ['*9223372036854775808\r\n', [], 'invalid multibulk length'],
  ['*abc\r\n', [], 'invalid multibulk length'],
  ['*\r\n', [], 'invalid multibulk length'],
  ['*01\r\n', [], 'invalid multibulk length'],
  ['*+1\r\n', [], 'invalid multibulk length'],
  ['*1 \r\n', [], 'invalid multibulk length'],
  ['*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n', [], "expected '$', got 'f'"],
  ['*1\r\n*1\r\n', [], "expected '$', got '*'"],
  ['*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n', [], 'invalid bulk length'],
  ['*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n', [], 'invalid bulk length'],
  [`*1\r\n$${MAX_REDIS_ARGUMENT_BYTES + 1}\r\n`, [], 'invalid bulk length'],
  ['*1\r\n$blabla\r\n', [], 'invalid bulk length'],
  ['*1\r\n$-0\r\n', [], 'invalid bulk length'],
  [`${request('PING')}*x\r\n${request('PING')}`, [['PING']], 'invalid multibulk length'],
  ['*1\r\n$4\r\nPIN', [], null],
  ['*1\r\n$4', [], null],
  ['*2\r\n$4\r\nPING\r\n', [], null],
  ['*1\r', [], null],
  ['PING', [], null],
];

const outcomeOf = (commands: string[][], error: string | null): Outcome => ({
  commands,
  error: error === null ? null : `Protocol error: ${error}`,
});

describe('a request', () => {
  it.each(EXAMPLES)('%j', (text, commands, error) => {
    expect(parse([bytes(text)])).toEqual(outcomeOf(commands, error));
  });

  it.each(EXAMPLES)('%j, cut at every byte, and into single bytes', (text, commands, error) => {
    const all = bytes(text);
    for (let at = 0; at <= all.length; at++)
      expect(parse([all.subarray(0, at), all.subarray(at)]), `cut at ${at}`).toEqual(outcomeOf(commands, error));
    expect(parse(Array.from(all, (byte) => Buffer.of(byte)))).toEqual(outcomeOf(commands, error));
  });

  it('may hold any bytes, and come in any pieces', () => {
    const command = fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 6 }), fc.array(fc.nat(400)), (commands, cuts) => {
        const wanted = commands.map((args) => args.map((arg) => Buffer.from(arg).toString('latin1')));
        const all = bytes(wanted.map((args) => request(...args)).join(''));
        expect(parse(cutAt(all, cuts))).toEqual({ commands: wanted, error: null });
      }),
      { numRuns: 500 },
    );
  });

  it('large ones come whole, however small the pieces', () => {
    const big = 'x'.repeat(300_000);
    const all = bytes(request('SET', 'k', big) + request('GET', 'k'));
    const pieces = Array.from({ length: Math.ceil(all.length / 1000) }, (_, i) =>
      all.subarray(i * 1000, (i + 1) * 1000),
    );
    expect(parse(pieces).commands).toEqual([
      ['SET', 'k', big],
      ['GET', 'k'],
    ]);
  });

  it('gives views of a chunk, not copies', () => {
    const chunk = bytes(request('SET', 'k', 'value'));
    const parser = new RequestParser();
    parser.push(chunk);
    const [, , value] = parser.next()!;
    expect(value!.buffer).toBe(chunk.buffer);
    expect(value!.toString()).toBe('value');
  });

  it('has lines of limited length, the end in sight or not', () => {
    const long = '0'.repeat(MAX_REDIS_LINE_BYTES);
    for (const end of ['', '\r\n']) {
      expect(parse([bytes(`*${long}${end}`)]).error).toBe('Protocol error: too big mbulk count string');
      expect(parse([bytes(`*1\r\n$${long}${end}`)]).error).toBe('Protocol error: too big bulk count string');
      expect(parse([bytes(`a${long}${end}`)]).error).toBe('Protocol error: too big inline request');
    }
    expect(parse([bytes(`${'a'.repeat(MAX_REDIS_LINE_BYTES)}`), bytes('\n')]).commands).toHaveLength(1);
  });

  it('takes no more room than bytes have come, whatever length is announced', () => {
    const parser = new RequestParser();
    const before = process.memoryUsage().arrayBuffers;
    parser.push(bytes(`*${MAX_REDIS_ARGUMENTS}\r\n$${MAX_REDIS_ARGUMENT_BYTES}\r\n`));
    parser.push(bytes('abc'));
    expect(parser.next()).toBe(null);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('is small until the client has said who it is', () => {
    const args = Array.from({ length: 11 }, () => 'x');
    expect(parse([bytes(request(...args))], false).error).toBe('Protocol error: unauthenticated multibulk length');
    expect(parse([bytes(request('AUTH', 'x'.repeat(16_385)))], false).error).toBe(
      'Protocol error: unauthenticated bulk length',
    );
    expect(parse([bytes(request('AUTH', 'x'.repeat(16_384)))], false).commands).toHaveLength(1);
    expect(parse([bytes(request(...args))]).commands).toHaveLength(1);
  });

  it('damaged at random is read the same in whatever pieces it comes', () => {
    const random = new SeededRandom(11);
    const sample = `${request('SET', 'key', 'a value')}${request('GET', 'key')}PING "a b"\r\n`;
    const alphabet = '*$0123456789-\r\n "\'\\xaSET\0';
    for (let i = 0; i < 5_000; i++) {
      let text = sample;
      for (let damage = random.below(4); damage >= 0; damage--) {
        const at = random.below(text.length);
        text = text.slice(0, at) + random.pick(alphabet.split('')) + text.slice(at + random.below(3));
      }
      const all = bytes(text);
      const cuts = Array.from({ length: random.below(6) }, () => random.below(all.length));
      expect(parse(cutAt(all, cuts)), JSON.stringify(text)).toEqual(parse([all]));
    }
  });
});

function cutAt(all: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...cuts].filter((at) => at < all.length).sort((a, b) => a - b), all.length];
  return places.slice(1).map((to, i) => all.subarray(places[i], to));
}

import { describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES } from '../../util/mysql-packets/constants.ts';
import { OVERSIZE, PacketReader } from '../../util/mysql-packets/packet-reader.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { packet } from './raw-client.suite.ts';

function drain(reader: PacketReader): (string | typeof OVERSIZE)[] {
  const found: (string | typeof OVERSIZE)[] = [];
  for (let next = reader.next(); next !== null; next = reader.next()) {
    found.push(next === OVERSIZE ? OVERSIZE : (next as Payload).rest().toString('latin1'));
  }
  return found;
}

function header(length: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUIntLE(length, 0, 3);
  bytes[3] = sequence;
  return bytes;
}

describe('PacketReader', () => {
  it('finds the same packets wherever the bytes are cut', () => {
    const bytes = Buffer.concat([packet(0, 'first'), packet(1, ''), packet(2, 'the third one')]);
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const reader = new PacketReader(1000);
        const found: unknown[] = [];
        for (const piece of [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)]) {
          reader.push(piece);
          found.push(...drain(reader));
        }
        expect(found).toEqual(['first', '', 'the third one']);
        expect(reader.buffered).toBe(0);
      }
    }
  });

  it('keeps what it has not read of a piece whose bytes are overwritten', () => {
    const bytes = Buffer.concat([packet(0, 'first'), packet(1, 'second'), packet(2, 'the third one')]);
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const reader = new PacketReader(1000);
        const shared = Buffer.alloc(bytes.length);
        const found: unknown[] = [];
        for (const piece of [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)]) {
          shared.fill(0xee).set(piece);
          reader.push(shared.subarray(0, piece.length));
          // The last packet is read later: commands wait for the one before.
          const next = found.length < 2 ? reader.next() : null;
          if (next !== null && next !== OVERSIZE) found.push(next.rest().toString('latin1'));
          reader.keep();
        }
        shared.fill(0xee);
        found.push(...drain(reader));
        expect(found).toEqual(['first', 'second', 'the third one']);
      }
    }
  });

  it('reads byte by byte', () => {
    const reader = new PacketReader(1000);
    const found: unknown[] = [];
    for (const byte of Buffer.concat([packet(0, 'abc'), packet(1, 'de')])) {
      reader.push(Buffer.of(byte));
      found.push(...drain(reader));
    }
    expect(found).toEqual(['abc', 'de']);
  });

  it('refuses a wrong sequence id', () => {
    const reader = new PacketReader(1000);
    reader.push(packet(3, 'x'));
    expect(() => reader.next()).toThrow('Got packets out of order');
  });

  it('counts sequence ids round at 256', () => {
    const reader = new PacketReader(1000);
    for (let i = 0; i < 600; i++) reader.push(packet(i & 0xff, 'x'));
    expect(drain(reader)).toHaveLength(600);
  });

  it.each([0, 1, 5])('joins a payload of 16 MiB and %i bytes', (more) => {
    const reader = new PacketReader(64 * 1024 * 1024);
    const body = Buffer.alloc(MAX_PAYLOAD_BYTES + more, 'x');
    body[MAX_PAYLOAD_BYTES - 1] = 0x61;
    const bytes = Buffer.concat([
      header(MAX_PAYLOAD_BYTES, 0),
      body.subarray(0, MAX_PAYLOAD_BYTES),
      header(more, 1),
      body.subarray(MAX_PAYLOAD_BYTES),
      packet(2, 'next'),
    ]);
    const found: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) {
      reader.push(bytes.subarray(at, at + 65_536));
      for (let next = reader.next(); next !== null; next = reader.next())
        found.push(Buffer.from((next as Payload).rest()));
    }
    expect(found.map((payload) => payload.length)).toEqual([MAX_PAYLOAD_BYTES + more, 4]);
    expect(found[0]?.equals(body)).toBe(true);
  });

  it('passes over a payload beyond the limit and goes on after it', () => {
    const bytes = Buffer.concat([packet(0, 'small'), packet(1, 'y'.repeat(50)), packet(2, 'z')]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new PacketReader(10);
      const found: unknown[] = [];
      for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        reader.push(piece);
        found.push(...drain(reader));
      }
      expect(found).toEqual(['small', OVERSIZE, 'z']);
    }
  });

  it('keeps nothing of a too large payload of several packets', () => {
    const reader = new PacketReader(20 * 1024 * 1024);
    const part = Buffer.alloc(MAX_PAYLOAD_BYTES);
    const found: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      reader.push(header(MAX_PAYLOAD_BYTES, i));
      for (let at = 0; at < part.length; at += 1 << 20) {
        reader.push(part.subarray(at, at + (1 << 20)));
        found.push(...drain(reader));
        if (i > 0) expect(reader.buffered).toBeLessThanOrEqual(1 << 20);
      }
    }
    reader.push(packet(3, 'end'));
    reader.push(packet(4, 'after'));
    expect([...found, ...drain(reader)]).toEqual([OVERSIZE, 'after']);
  });
});

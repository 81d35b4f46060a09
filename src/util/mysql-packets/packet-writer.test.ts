import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { MAX_PAYLOAD_BYTES } from './constants.ts';
import { PacketReader } from './packet-reader.ts';
import { PacketWriter } from './packet-writer.ts';
import type { Payload } from './payload.ts';

function written(write: (out: PacketWriter) => void): Buffer {
  const out = new PacketWriter(new BufferPool());
  out.begin();
  write(out);
  out.end();
  return Buffer.from(out.take().subarray(4));
}

function read(write: (out: PacketWriter) => void): Payload {
  const out = new PacketWriter(new BufferPool());
  out.begin();
  write(out);
  out.end();
  const reader = new PacketReader(1 << 30);
  reader.push(Buffer.from(out.take()));
  return reader.next() as Payload;
}

describe('PacketWriter', () => {
  it.each([
    [0, '00'],
    [250, 'fa'],
    [251, 'fcfb00'],
    [0xffff, 'fcffff'],
    [0x1_0000, 'fd000001'],
    [0xff_ffff, 'fdffffff'],
    [0x100_0000, 'fe0000000100000000'],
    [2 ** 40, 'fe0000000000010000'],
    [2n ** 64n - 1n, 'feffffffffffffffff'],
  ])('writes %s as a length-encoded integer', (value, hex) => {
    expect(written((out) => out.lenencInteger(value)).toString('hex')).toBe(hex);
    if (typeof value === 'number') expect(read((out) => out.lenencInteger(value)).lenencInteger()).toBe(value);
  });

  it.each([0, 1, 19, 20, 21, 84, 125, 126, 250, 251, 252, 16_384, 16_385, 32_768, 65_535, 65_536, 70_000])(
    'writes texts of %i characters',
    (length) => {
      for (const text of [
        'a'.repeat(length),
        'é'.repeat(length),
        '€'.repeat(length),
        `${'x'.repeat(Math.max(0, length - 1))}é`,
      ]) {
        expect(read((out) => out.lenencText(text)).lenencText()).toBe(text);
      }
      const emoji = '😀'.repeat(length >> 1);
      expect(read((out) => out.lenencText(emoji)).lenencText()).toBe(emoji);
    },
  );

  it('writes integers as text as JavaScript does', () => {
    const values = [
      0,
      7,
      10,
      99,
      100,
      999,
      1000,
      9999,
      10_000,
      99_999,
      100_000,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      1e12,
      Number.MAX_SAFE_INTEGER,
    ];
    for (const value of [...values, ...values.map((value) => -value)]) {
      expect(read((out) => out.lenencIntegerText(value)).lenencText()).toBe(String(value + 0));
    }
  });

  it('writes 64-bit integers', () => {
    for (const value of [
      0,
      1,
      -1,
      2 ** 31,
      -(2 ** 31),
      2 ** 40 + 3,
      -(2 ** 40) - 3,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ]) {
      expect(read((out) => out.u64(value)).i64()).toBe(value);
    }
    for (const value of [2n ** 63n - 1n, -(2n ** 63n)]) expect(read((out) => out.u64(value)).i64()).toBe(value);
    expect(read((out) => out.u64(2n ** 64n - 1n)).u64()).toBe(2n ** 64n - 1n);
  });

  it.each([
    MAX_PAYLOAD_BYTES - 1,
    MAX_PAYLOAD_BYTES,
    MAX_PAYLOAD_BYTES + 1,
    2 * MAX_PAYLOAD_BYTES,
    2 * MAX_PAYLOAD_BYTES + 9,
  ])('splits a payload of %i bytes', (length) => {
    const body = Buffer.alloc(length, 'ab');
    const out = new PacketWriter(new BufferPool());
    out.sequence = 254;
    out.begin();
    out.bytes(body);
    out.end();
    out.begin();
    out.text('next');
    out.end();
    const reader = new PacketReader(1 << 30);
    reader.expectedSequence = 254;
    reader.push(Buffer.from(out.take()));
    expect((reader.next() as Payload).rest().equals(body)).toBe(true);
    expect((reader.next() as Payload).rest().toString()).toBe('next');
    expect(reader.next()).toBeNull();
  });

  it('forgets a packet that was not ended', () => {
    const out = new PacketWriter(new BufferPool());
    out.begin();
    out.text('whole');
    out.end();
    out.abandon();
    out.begin();
    out.text('half');
    out.abandon();
    expect(out.take().toString('latin1')).toBe('\x05\0\0\0whole');
  });
});

/** A real binlog's bytes, cut and flipped: what is read of them is events, or a BinlogError that says they make no sense. Never anything else, never for ever. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BinlogError } from '../../src/mirror/binlog/binlog-error.ts';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import { EventReader } from '../../src/mirror/binlog/event-reader.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { BinlogSource } from '../mirror/support/binlog-source.ts';
import { RandomTables } from '../mirror/support/random-tables.ts';

const SEED = Number(process.env.SLUICE_TEST_SEED ?? 1);
const ROUNDS = 400;
const MAGIC_BYTES = 4;

describe.each([
  ['plain', ['--binlog-checksum=NONE']],
  ['compressed', ['--binlog-checksum=NONE', '--log-bin-compress=ON', '--log-bin-compress-min-len=10']],
  ['of old temporal types', ['--binlog-checksum=NONE', '--mysql56-temporal-format=OFF']],
])('a binlog, %s', (_, args) => {
  let source: BinlogSource;
  let events: Buffer[];
  const layouts = new Map<string, TableLayout>();

  beforeAll(async () => {
    source = await BinlogSource.start(...args);
    const random = new RandomTables(SEED);
    await source.run('CREATE DATABASE r', ...random.definitions());
    for (const name of random.names) layouts.set(name, await source.layout('r', name));
    for (let i = 0; i < 50; i++)
      for (const statement of random.statements()) await source.connection.query(statement).catch(() => undefined);
    events = readdirSync(source.process.dataDir)
      .filter((name) => /^mysql-bin\.\d+$/.test(name))
      .sort()
      .flatMap((name) => splitEvents(readFileSync(join(source.process.dataDir, name))));
  });

  afterAll(async () => {
    await source.stop();
  });

  /** How many rows were told, and whether a BinlogError ended it. Anything else is thrown. */
  function read(bytes: readonly Buffer[]): { rows: number; hasFailed: boolean } {
    const reader = new EventReader({
      from: { file: 'mysql-bin.000001', offset: 4 },
      hasChecksums: false,
      layoutOf: (_database, table) => layouts.get(table) ?? null,
    });
    let rows = 0;
    try {
      for (const event of bytes) {
        reader.take(event, 0, event.length);
        for (const told of reader.drain()) if (told.kind === 'rows') rows += told.changes.length;
      }
      return { rows, hasFailed: false };
    } catch (error) {
      if (!(error instanceof BinlogError) || error.failure !== 'unreadable') throw error;
      return { rows, hasFailed: true };
    }
  }

  it('is read whole where nothing is broken', () => {
    expect(read(events)).toEqual({ rows: expect.any(Number), hasFailed: false });
    expect(read(events).rows).toBeGreaterThan(100);
  });

  it('with flipped bytes', () => {
    const random = new SeededRandom(SEED);
    let failures = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const index = random.below(events.length);
      const broken = Buffer.from(events[index] as Buffer);
      for (let i = random.below(4); i >= 0; i--) {
        // Behind the head, mostly: a wrong length is found at once.
        const from = random.chance(0.8) ? 19 : 0;
        if (broken.length > from)
          broken[from + random.below(broken.length - from)] = random.pick([0, 1, 127, 128, 255, random.below(256)]);
      }
      if (read(withEvent(index, broken)).hasFailed) failures++;
    }
    expect(failures).toBeGreaterThan(ROUNDS / 20);
  });

  it('with events cut, whose heads say so', () => {
    const random = new SeededRandom(SEED + 1);
    let failures = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const index = random.below(events.length);
      const whole = events[index] as Buffer;
      const broken = Buffer.from(whole.subarray(0, random.below(whole.length)));
      if (broken.length >= 13) broken.writeUInt32LE(broken.length, 9);
      if (read(withEvent(index, broken)).hasFailed) failures++;
    }
    expect(failures).toBeGreaterThan(ROUNDS / 3);
  });

  it('with events left out, or twice', () => {
    const random = new SeededRandom(SEED + 2);
    for (let round = 0; round < ROUNDS; round++) {
      const index = random.below(events.length);
      read(random.chance(0.5) ? events.toSpliced(index, 1) : events.toSpliced(index, 0, random.pick(events)));
    }
  });

  /** Those around it, so that tables are mapped. */
  function withEvent(index: number, event: Buffer): Buffer[] {
    return [
      events[0] as Buffer,
      ...events.slice(Math.max(index - 6, 0), index),
      event,
      ...events.slice(index + 1, index + 4),
    ];
  }
});

function splitEvents(file: Buffer): Buffer[] {
  const events: Buffer[] = [];
  for (let at = MAGIC_BYTES; at < file.length; ) {
    const size = file.readUInt32LE(at + 9);
    events.push(file.subarray(at, at + size));
    at += size;
  }
  return events;
}

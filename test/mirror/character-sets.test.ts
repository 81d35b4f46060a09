/** Every character that a column of any character set can hold is told by the binlog as the source itself converts it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import { BinlogSource } from './support/binlog-source.ts';
import { Follower, rowText } from './support/follower.ts';

let source: BinlogSource;

beforeAll(async () => {
  source = await BinlogSource.start();
});

afterAll(async () => {
  await source.stop();
});

const hex = (n: number): string => n.toString(16).padStart(2, '0');

/** Byte sequences, of which some are no characters of any set. */
function sequences(bytesMin: number, bytesMax: number): string[] {
  const found = bytesMin === 1 ? Array.from({ length: 256 }, (_, i) => hex(i)) : [];
  if (bytesMax === 1) return found;
  for (let first = 0x81; first < 0xff; first++)
    for (let second = 0x30; second <= 0xff; second++) {
      found.push(hex(first) + hex(second));
      if (bytesMax === 3 && first > 0xa0 && second > 0xa0 && second < 0xff) found.push(`8f${hex(first)}${hex(second)}`);
    }
  return found;
}

/** Half pairs, marks of byte order, what is beyond the last character. */
const ODD: Readonly<Record<string, readonly string[]>> = {
  ucs2: ['d800', 'dfff', 'd83dde00', 'ffff', 'feff0041'],
  utf16: ['d83dde00', 'ffff', 'feff0041', 'd800', 'd8000041'],
  utf16le: ['3dd800de', '00d8', 'fffe4100'],
  utf32: ['0000d800', '0001f600', '0010ffff', '00110000', '0000feff'],
  utf8mb3: ['eda080', 'efbbbf41', 'efbfbf', 'f09f9880'],
  utf8mb4: ['eda080', 'efbbbf41', 'f48fbfbf', 'f4908080'],
};

it('whatever the character set', async () => {
  const sets = (await source.table('SHOW CHARACTER SET')).filter(([name]) => name !== 'binary');
  expect(sets.length).toBeGreaterThan(35);
  await source.run('CREATE DATABASE c');
  const layouts = new Map<string, TableLayout>();
  for (const [name] of sets) {
    // The bytes beside the text: what rows are told apart by.
    await source.run(
      `CREATE TABLE c.${name} (bytes varchar(12), v varchar(10) CHARACTER SET ${name}, t text CHARACTER SET ${name})`,
    );
    layouts.set(`c.${name}`, await source.layout('c', name as string));
  }
  const follower = new Follower(source.address, await source.position(), layouts);
  for (const [name = '', , , bytesMax] of sets) {
    const isUnicode = /^(?:ucs2|utf)/.test(name ?? '');
    if (isUnicode) {
      // Written as utf8mb4: every letter of the basic plane that is one, and some beyond it.
      const values = Array.from({ length: 0x1000 }, (_, i) => String.fromCodePoint(i * 16 + 5)).filter(
        (c) => !/[\ud800-\udfff']/.test(c),
      );
      await source.run(
        `INSERT IGNORE INTO c.${name} VALUES ${[...values, '\u{1f600}', '\u{10fffd}'].map((c, i) => `('${i}', '${c}', 'a${c}')`).join(', ')}`,
      );
      const odd = (ODD[name ?? ''] ?? []).map((bytes) => `('${bytes}', x'${bytes}', x'${bytes}')`);
      if (odd.length > 0) await source.run(`INSERT IGNORE INTO c.${name} VALUES ${odd.join(', ')}`);
      continue;
    }
    const all = sequences(1, Number(bytesMax));
    for (let at = 0; at < all.length; at += 5000)
      await source.run(
        `INSERT IGNORE INTO c.${name} VALUES ${all
          .slice(at, at + 5000)
          .map((s) => `('${s}', x'${s}', x'61${s}62${s}')`)
          .join(', ')}`,
      );
  }
  await follower.reaches(await source.position());
  const counts: number[] = [];
  for (const [name] of sets) {
    const expected = (await source.rows('c', name as string, layouts.get(`c.${name}`) as TableLayout))
      .map(rowText)
      .sort();
    const rows = follower.rows(`c.${name}`);
    counts.push(rows.length);
    expect([name, rows.filter((row, i) => row !== expected[i]).slice(0, 5)]).toEqual([name, []]);
    expect(rows.length).toBe(expected.length);
  }
  expect(Math.min(...counts)).toBeGreaterThan(200);
  await follower.stop();
});

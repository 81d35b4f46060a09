/** docs/benchmarks.md names every claim that can be measured, and every option. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLAIMS } from '../../bench/claims.ts';
import { DEFAULT_CONNECTIONS, DEFAULT_ROWS, DEFAULT_SECONDS } from '../../bench/support/claim.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { readPage, tableBelow } from './page.ts';

const PAGE = 'docs/benchmarks.md';

describe(PAGE, () => {
  const text = readPage(PAGE);

  it('lists all claims, and how long each measurement takes', () => {
    const rows = tableBelow(text, 'Claims').map(([id, seconds]) => [id, Number(seconds)]);
    expect(rows).toEqual(CLAIMS.map(({ id, seconds }) => [id, seconds ?? DEFAULT_SECONDS]));
  });

  it('lists all options', () => {
    const listed = tableBelow(text, 'Benchmarks').map(([option = '', value]) => [
      option.replace(/^--| N$/g, ''),
      value,
    ]);
    const taken = readFileSync(join(PROJECT_DIR, 'bench', 'run.ts'), 'utf8').matchAll(
      /^ {4}(\w+): \{ type: 'string'/gm,
    );
    expect(listed.map(([name]) => name)).toEqual([...taken].map(([, name]) => name));
    const defaults = Object.fromEntries(listed);
    expect(defaults).toMatchObject({ rows: String(DEFAULT_ROWS), connections: String(DEFAULT_CONNECTIONS) });
  });
});

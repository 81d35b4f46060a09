/** docs/errors.md has every failure of src/errors.ts, as it is; `npm test -- test/docs -u` writes its table anew. */
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/errors.ts';
import { readSources, withoutComments } from '../structure/sources.ts';
import { pagePath, readPage, tableBelow, withTable } from './page.ts';

const PAGE = 'docs/errors.md';

describe(PAGE, () => {
  const text = readPage(PAGE);

  it('lists all failures, with what clients see of them', async () => {
    const rows = Object.entries(FAILURES)
      .map(([code, kind]) => ({ code, kind }))
      .sort((a, b) => a.kind.errno - b.kind.errno || (a.code < b.code ? -1 : 1))
      .map(({ code, kind }) => {
        const { errno, sqlstate, http, text } = kind;
        return [String(errno), sqlstate, String(http), 'retryable' in kind ? 'yes' : '', `\`${code}\``, `\`${text}\``];
      });
    await expect(withTable(text, 'All errors', rows)).toMatchFileSnapshot(pagePath(PAGE));
  });

  it('says what to do about each failure that is retryable', () => {
    const advised = tableBelow(text, 'When to try again').map(([error = '']) => error);
    const forgotten = Object.entries(FAILURES).filter(
      ([code, kind]) =>
        'retryable' in kind && !advised.includes(String(kind.errno)) && !advised.includes(`1105 ${code}`),
    );
    expect(forgotten.map(([code]) => code)).toEqual([]);
    expect(advised).toHaveLength(Object.values(FAILURES).filter((kind) => 'retryable' in kind).length);
  });

  it("lists the HTTP protocol's own codes", () => {
    const code = readSources('src/protocols/http').filter(({ path }) => !/\.(?:test|suite)\.ts$/.test(path));
    const used = code.flatMap((file) =>
      [...withoutComments(file.text).matchAll(/'(HTTP_[A-Z_]+)'/g)].map(([, name]) => name),
    );
    expect(tableBelow(text, 'Errors of HTTP').map(([name]) => name)).toEqual([...new Set(used)].sort());
  });
});

/** docs/redis.md has every command of the table, and no other. */
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/protocols/redis/commands/table.ts';
import { readPage, tableBelow } from './page.ts';

const PAGE = 'docs/redis.md';

describe(PAGE, () => {
  it('lists the commands that there are', () => {
    const listed = tableBelow(readPage(PAGE), 'Commands').map(([name = '']) => name.replaceAll('`', ''));
    expect([...listed].sort()).toEqual([...COMMANDS.keys()].map((name) => name.toUpperCase()).sort());
  });
});

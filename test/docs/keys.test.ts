/** docs/keys.md against the operations, types and tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Keys } from '../../client/keys.ts';
import { Keys as EmbeddedKeys } from '../../src/gate/embedded-keys.ts';
import { checkFilter, type KeyFilter } from '../../src/keys/filters.ts';
import { OPERATIONS } from '../../src/keys/operations.ts';
import { KEY_TYPES } from '../../src/keys/values.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { readPage, tableBelow } from './page.ts';

const text = readPage('docs/keys.md');

describe('docs/keys.md', () => {
  it('lists the operations that there are, by themselves and over HTTP', () => {
    const names = Object.keys(OPERATIONS).sort();
    expect(
      tableBelow(text, 'Operations')
        .map(([name]) => name)
        .sort(),
    ).toEqual(names);
    expect(
      tableBelow(text, 'One operation')
        .flatMap(([name = '']) => name.split(', '))
        .sort(),
    ).toEqual(names);
  });

  it('lists the types of values, in their order', () => {
    expect(tableBelow(text, 'Values').map(([type]) => type)).toEqual([...KEY_TYPES]);
  });

  it('lists tests of filters that there are', () => {
    const operands = [[1, 2], [new Date(1), new Date(2)], ['a']];
    for (const [index, [tests = '']] of tableBelow(text, 'Filters').slice(0, 3).entries()) {
      for (const test of tests.split(', ')) {
        const count = /^(?:between|during)/.test(test) ? 2 : 1;
        const filter = { test, operands: operands[index]?.slice(0, count) } as KeyFilter;
        expect(() => checkFilter(filter), test).not.toThrow();
      }
    }
  });

  it('names a test for every operation and every defect of CoolHash', () => {
    const section = text.slice(text.indexOf('## Where it comes from'));
    const named = [...section.matchAll(/\| `([\w/.-]+\.test\.ts)`: (.+?) *\|$/gm)];
    const rows = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:CoolHash|-)/.test(line));
    expect(named).toHaveLength(rows.length);
    expect(rows.length).toBeGreaterThan(20);
    const missing = named.filter(([, path = '', name = '']) => {
      const file = join(PROJECT_DIR, path);
      return !existsSync(file) || !readFileSync(file, 'utf8').includes(name);
    });
    expect(missing.map(([, path, name]) => `${path}: ${name}`)).toEqual([]);
  });
});

it("the client's keys and the embedded ones have the same methods", () => {
  const methodsOf = (prototype: object): string[] =>
    Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  const client = [...methodsOf(Keys.prototype), ...methodsOf(Object.getPrototypeOf(Keys.prototype))];
  const embedded = methodsOf(EmbeddedKeys.prototype);
  // begin: embedded, a transaction's end is its function's. command: operations as plain data, which over HTTP are JSON.
  expect(client.filter((name) => name !== 'begin').sort()).toEqual(
    embedded.filter((name) => name !== 'command').sort(),
  );
});

/** docs/http.md and docs/lists.md against the routes (openapi/document.test.ts: those that the server has), commands and operators of the code. */
import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../src/lists/operators/operators.ts';
import { parseListCommand } from '../../src/lists/request.ts';
import { ROUTES } from '../../src/protocols/http/openapi/document.ts';
import { LIST_COMMANDS } from '../../src/protocols/http/openapi/list-routes.ts';
import { readPage, tableBelow } from './page.ts';

describe('docs/http.md', () => {
  it('lists the routes that there are', () => {
    const listed = tableBelow(readPage('docs/http.md'), 'HTTP').flatMap(([cell = '']) => cell.split(', '));
    expect(listed.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });
});

describe('docs/lists.md', () => {
  const text = readPage('docs/lists.md');

  it('lists the commands that there are', () => {
    const listed = tableBelow(text, 'Protocol').map(([name]) => name);
    expect(() => parse('nonsense')).toThrow(/there are /);
    expect([...listed].sort()).toEqual(commands().sort());
    expect([...LIST_COMMANDS].sort()).toEqual(commands().sort());
  });

  it('lists the operators that there are, in their order', () => {
    expect(tableBelow(text, 'Operators').map(([name]) => name)).toEqual(Object.keys(OPERATORS));
  });
});

function parse(command: string): unknown {
  return parseListCommand({ parameters: [['command', command]], body: '', formEncoded: false }, 'main.feed');
}

/** As the server names them to those who ask for another one. */
function commands(): string[] {
  try {
    parse('nonsense');
  } catch (error) {
    return /there are (.*)$/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
  }
  return [];
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A statement of a file in statements/, and what is known of it. */
export interface ListedStatement {
  readonly sql: string;
  readonly line: number;
  /** Where Sluice is to differ from MariaDB: its own answer (rows parted by ` // `, cells by ` | `; `error 1235`; `ok 2`), and why. */
  readonly own?: { readonly answer: string; readonly reason: string };
}

const FOLDER = new URL('../statements/', import.meta.url).pathname;

/** Statements end with `;` at the end of a line. `-- sluice: answer` and `-- why: reason` follow the statement that they are about. */
export function statementFiles(): { name: string; statements: ListedStatement[] }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, statements: parseStatements(readFileSync(join(FOLDER, name), 'utf8')) }));
}

export function parseStatements(text: string): ListedStatement[] {
  const statements: { sql: string; line: number; own?: { answer: string; reason: string } }[] = [];
  let open = '';
  let openedAt = 0;
  text.split('\n').forEach((line, i) => {
    const last = statements.at(-1);
    if (line.startsWith('-- sluice: ') && last !== undefined) {
      last.own = { answer: line.slice('-- sluice: '.length), reason: '' };
    } else if (line.startsWith('-- why: ') && last?.own !== undefined) {
      last.own.reason = line.slice('-- why: '.length);
    } else if (!line.startsWith('--') && (open !== '' || line.trim() !== '')) {
      if (open === '') openedAt = i + 1;
      open += `${open === '' ? '' : '\n'}${line}`;
      if (line.endsWith(';')) {
        statements.push({ sql: open.slice(0, -1), line: openedAt });
        open = '';
      }
    }
  });
  return statements;
}

/** How SHOW CREATE writes names and texts: sql_quote_show_create, ANSI_QUOTES and NO_BACKSLASH_ESCAPES. */
import type { ExecutionContext } from '../context.ts';
import { RESERVED_WORDS } from '../syntax/reserved-words.ts';

export interface Quoting {
  name(name: string): string;
  text(text: string): string;
}

export function quotingOf({ session }: ExecutionContext): Quoting {
  const modes = String(session.variable('sql_mode')).split(',');
  const mark = modes.includes('ANSI_QUOTES') ? '"' : '`';
  const always = session.variable('sql_quote_show_create') !== 0;
  const backslashes = !modes.includes('NO_BACKSLASH_ESCAPES');
  return {
    name: (name) => (always || !isPlain(name) ? `${mark}${name.replaceAll(mark, mark + mark)}${mark}` : name),
    text: (text) => `'${backslashes ? escaped(text) : text.replaceAll("'", "''")}'`,
  };
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !RESERVED_WORDS.has(name.toUpperCase());
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\0');
}

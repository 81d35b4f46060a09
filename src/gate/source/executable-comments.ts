/**
 * Comments that some servers execute: `/*! ... *\/` with a version or without (MySQL manual, "Comments"), and MariaDB's `/*M! ... *\/`. They are found where
 * comments can be: not within strings, names, and other comments.
 */
import { blockCommentEnd, lineCommentEnd } from '../../sql/syntax/comments.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';

export interface ExecutableComment {
  /** As five or six digits; null: any. */
  readonly version: number | null;
  /** For MariaDB alone. */
  readonly isMariadb: boolean;
}

/** Only a hint whether to look closer: the marks may stand in a string. */
export function hasExecutableComments(text: string): boolean {
  return text.includes('/*!') || text.includes('/*M!');
}

/** The text with what is executed instead of such comments, and without those that are not. Text that ends within a comment stays as it is. */
export function executedText(
  text: string,
  { ansiQuotes, noBackslashEscapes }: SyntaxOptions,
  isExecuted: (comment: ExecutableComment) => boolean,
): string {
  let out = '';
  let from = 0;
  let executing = 0;
  const cut = (start: number, end: number): number => {
    out += `${text.slice(from, start)} `;
    from = end;
    return end;
  };
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === "'" || character === '"' || character === '`') {
      const escapes =
        character === "'"
          ? noBackslashEscapes !== true
          : character === '"' && ansiQuotes !== true && noBackslashEscapes !== true;
      at = quotedEnd(text, at, escapes);
    } else if (character === '#' || (character === '-' && text[at + 1] === '-' && !(text.charCodeAt(at + 2) > 32))) {
      at = lineCommentEnd(text, at);
    } else if (character === '*' && text[at + 1] === '/' && executing > 0) {
      executing--;
      at = cut(at, at + 2);
    } else if (character === '/' && text[at + 1] === '*') {
      const mark = markAt(text, at);
      if (mark !== null && isExecuted(mark)) {
        executing++;
        at = cut(at, mark.content);
        continue;
      }
      const end = blockCommentEnd(text, at);
      if (end < 0) break;
      at = mark === null ? end : cut(at, end);
    } else {
      at++;
    }
  }
  return out + text.slice(from);
}

/** mysqldump's own, whose content means the same to all servers; its statements are told by it. */
const DUMP_COMMENT = /^\s*SELECT\s+\/\*!40001 SQL_NO_CACHE \*\//i;
const VERSION = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/;
const LATEST = ['', '8', '0', '42'];
/** MariaDB does not execute what is for these versions of MySQL. */
const NOT_MARIADBS = [50_700, 99_999] as const;

/** The same as a server of that version does; what mysqldump's statements begin with stays. `serverVersion`: as the server says it, '' if that is not known. */
export function executedOn(serverVersion: string, text: string, syntax: SyntaxOptions): string {
  const [, major, minor, patch] = VERSION.exec(serverVersion) ?? LATEST;
  const own = Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
  const isMariadb = /mariadb/i.test(serverVersion);
  const kept = DUMP_COMMENT.exec(text)?.[0] ?? '';
  const rest = executedText(text.slice(kept.length), syntax, (comment) => {
    const version = comment.version ?? 0;
    if (comment.isMariadb) return isMariadb && version <= own;
    if (isMariadb && version >= NOT_MARIADBS[0] && version <= NOT_MARIADBS[1]) return false;
    return version <= own;
  });
  return kept + rest;
}

/** Behind the closing quote; the text's end where there is none. */
function quotedEnd(text: string, from: number, escapes: boolean): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\' && escapes) at++;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function markAt(text: string, at: number): (ExecutableComment & { readonly content: number }) | null {
  const isMariadb = text.startsWith('M!', at + 2);
  if (!isMariadb && text[at + 2] !== '!') return null;
  const start = at + (isMariadb ? 4 : 3);
  const digits = /^\d{5,6}/.exec(text.slice(start, start + 6))?.[0] ?? '';
  return { version: digits === '' ? null : Number(digits), isMariadb, content: start + digits.length };
}

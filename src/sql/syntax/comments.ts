/** Where comments end (MySQL manual, "Comments"). */
import { isDigit } from './characters.ts';

/** Executable comments up to this version are executed: that of the server that Sluice says it is. */
const SERVER_VERSION_NUMBER = 80_042;

const EXCLAMATION_MARK = 33;
const LETTER_M = 77;

export function lineCommentEnd(sql: string, position: number): number {
  const end = sql.indexOf('\n', position);
  return end < 0 ? sql.length : end + 1;
}

/**
 * Where the content of the executable comment at `position` begins; -1 where it is not to be executed or is none: the version
 * behind the exclamation mark has five or six digits, fewer belong to the content. MariaDB's own are not for this server.
 */
export function executableContent(sql: string, position: number): number {
  if (sql.charCodeAt(position + 2) !== EXCLAMATION_MARK) return -1;
  const start = position + 3;
  let at = start;
  let version = 0;
  while (at < start + 6 && isDigit(sql.charCodeAt(at))) {
    version = version * 10 + (sql.charCodeAt(at) - 48);
    at++;
  }
  if (at - start < 5) return start;
  return version <= SERVER_VERSION_NUMBER ? at : -1;
}

/** Behind the block comment at `position`; -1 where it does not end. An executable comment that is not executed may hold plain ones. */
export function blockCommentEnd(sql: string, position: number): number {
  const first = sql.charCodeAt(position + 2);
  const holdsComments =
    first === EXCLAMATION_MARK || (first === LETTER_M && sql.charCodeAt(position + 3) === EXCLAMATION_MARK);
  let from = position + 2;
  for (;;) {
    const end = sql.indexOf('*/', from);
    if (end < 0 || !holdsComments) return end < 0 ? -1 : end + 2;
    const inner = sql.indexOf('/*', from);
    if (inner < 0 || inner > end) return end + 2;
    from = end + 2;
  }
}

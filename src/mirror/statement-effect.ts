/**
 * Whether a statement that the binlog has as text, rather than as rows, may have changed a table. A table is copied anew then, so a doubt costs time and nothing else: names are
 * looked for anywhere in the text.
 */
import type { MirroredName } from './protocol.ts';

/** They leave rows and columns of tables alone. */
const HARMLESS =
  /^(?:GRANT|REVOKE|ANALYZE|FLUSH|SET|USE|SHOW|KILL|CHECK|CHECKSUM|OPTIMIZE|REPAIR|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|INSTALL|UNINSTALL|XA)\b/i;
/** Changes of definitions, by what they are about: the first of these words. */
const DEFINES = /^(?:CREATE|ALTER|DROP|RENAME|TRUNCATE)\b/i;
const ABOUT =
  /\b(TABLE|TABLES|DATABASE|SCHEMA|TEMPORARY|INDEX|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|USER|ROLE|SERVER|PACKAGE|SEQUENCE|TABLESPACE)\b/i;
const OF_TABLES = ['TABLE', 'TABLES'];
const OF_DATABASES = ['DATABASE', 'SCHEMA'];

/** `database`: the one that the statement ran in. */
export function mayChange(text: string, database: string, mirrored: MirroredName): boolean {
  const statement = withoutLeadingComments(text);
  if (HARMLESS.test(statement)) return false;
  // Rows changed by a statement: a trigger or a function may have changed any table.
  if (!DEFINES.test(statement)) return true;
  const about = ABOUT.exec(statement)?.[1]?.toUpperCase();
  if (about === undefined) return namesTable(statement, database, mirrored);
  if (OF_DATABASES.includes(about)) return holdsWord(statement, mirrored.database);
  return OF_TABLES.includes(about) && namesTable(statement, database, mirrored);
}

function namesTable(statement: string, database: string, mirrored: MirroredName): boolean {
  if (!holdsWord(statement, mirrored.table)) return false;
  return isSame(database, mirrored.database) || holdsWord(statement, mirrored.database);
}

/** What stands in comments for MariaDB alone counts as text. */
function withoutLeadingComments(text: string): string {
  return text
    .replace(/\/\*M?!\d*/g, ' ')
    .replace(/^(?:\s+|\/\*[\s\S]*?\*\/|--\s[^\n]*\n|#[^\n]*\n)+/, '')
    .replaceAll('*/', ' ');
}

/** Between characters that no unquoted name has. */
function holdsWord(text: string, name: string): boolean {
  const [haystack, needle] = [text.toLowerCase(), name.replaceAll('`', '``').toLowerCase()];
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && /[\p{L}\p{N}_$]/u.test(character);
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    if (!isWord(haystack[at - 1]) && !isWord(haystack[at + needle.length])) return true;
  }
  return false;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

import type { Answer, AnswerRow } from './answer.ts';

/** Errors for which MariaDB has numbers of its own: MySQL 8's. */
const MYSQL_ERRORS: ReadonlyMap<number, number> = new Map([
  [4025, 3819],
  [4078, 1241],
]);

/** One line that tells an answer: rows parted by ` // `, cells by ` | `. */
export function brief(answer: Answer): string {
  if (answer.kind === 'error') return `error ${MYSQL_ERRORS.get(answer.errno) ?? answer.errno}`;
  if (answer.kind === 'ok') return `ok ${answer.affected}`;
  return answer.rows.map(rowText).join(' // ');
}

/** MariaDB's negative zeros are those of no other server. */
function rowText(row: AnswerRow): string {
  return row.map((cell) => (cell === null ? 'NULL' : /^-0(\.0*)?$/.test(cell) ? cell.slice(1) : cell)).join(' | ');
}

/** How two answers differ; null when they agree. Errors agree by their number, columns by name and by type where any value tells it. */
export function difference(expected: Answer, actual: Answer): string | null {
  const [a, b] = [brief(expected), brief(actual)];
  if (expected.kind === 'rows' && actual.kind === 'rows' && a !== b) return rowDifference(expected.rows, actual.rows);
  if (expected.kind !== actual.kind || a !== b)
    return `expected ${describe(expected)}\n     but got ${describe(actual)}`;
  if (expected.kind !== 'rows' || actual.kind !== 'rows') return null;
  for (const [i, column] of expected.columns.entries()) {
    const other = actual.columns[i];
    if (other === undefined) return `column ${column.name} is missing`;
    // The server's names are in the older three-byte UTF-8: others are shown as question marks.
    if (column.name !== other.name && !column.name.includes('?'))
      return `column is named ${other.name}, not ${column.name}`;
    if (
      typeClass(column.type) !== typeClass(other.type) &&
      expected.rows.some((row) => row[i] !== null && row[i] !== undefined)
    )
      return `column ${column.name} is of type ${other.type}, not ${column.type}`;
  }
  return null;
}

const SHOWN_ROWS_MAX = 5;

/** The rows that only one side has. */
function rowDifference(expected: readonly AnswerRow[], actual: readonly AnswerRow[]): string {
  const [a, b] = [expected.map(rowText), actual.map(rowText)];
  const missing = (from: readonly string[], others: readonly string[]): string => {
    const rest = [...others];
    const only = from.filter((row) => {
      const at = rest.indexOf(row);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
    return (
      only.slice(0, SHOWN_ROWS_MAX).join(' // ') +
      (only.length > SHOWN_ROWS_MAX ? ` // and ${only.length - SHOWN_ROWS_MAX} more` : '')
    );
  };
  const [lacking, surplus] = [missing(a, b), missing(b, a)];
  if (lacking === '' && surplus === '')
    return `the rows come in another order: expected ${a.slice(0, SHOWN_ROWS_MAX).join(' // ')}\n     but got ${b.slice(0, SHOWN_ROWS_MAX).join(' // ')}`;
  return `only expected: ${lacking}\n     only got: ${surplus}`;
}

/** Whether a whole number is of an integer type or a DECIMAL without places is of no consequence to clients. */
function typeClass(type: string): string {
  return type === 'decimal(0)' ? 'int' : type;
}

function describe(answer: Answer): string {
  return answer.kind === 'error' ? `${brief(answer)}: ${answer.message}` : brief(answer);
}

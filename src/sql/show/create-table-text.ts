/** SHOW CREATE TABLE, as MySQL 8 writes it: tools parse this text, and mysqldump's restore runs it. */
import type { ColumnDefinition, ForeignKeyDefinition, IndexPart, TableDefinition } from '../../stores/schema.ts';
import { columnCollation, currentTimestamp, defaultText } from '../information-schema/column-facts.ts';
import { columnTypeText } from '../information-schema/column-type-text.ts';
import { type TableKey, tableKeys } from '../information-schema/table-keys.ts';
import { characterSetOf, DEFAULT_COLLATION, findCollation } from '../variables/character-sets.ts';
import type { Quoting } from './quoting.ts';

export function createTableText(table: TableDefinition, quoting: Quoting, temporary = false): string {
  const lines = [
    ...table.columns.map((column) => columnText(column, table, quoting)),
    ...tableKeys(table).map((key) => keyText(key, quoting)),
    ...table.foreignKeys.map((key) => foreignKeyText(key, table, quoting)),
    ...table.checks.map((check) => `CONSTRAINT ${quoting.name(check.name)} CHECK (${check.text})`),
  ];
  const head = `CREATE ${temporary ? 'TEMPORARY ' : ''}TABLE ${quoting.name(table.name)} (`;
  return `${head}\n  ${lines.join(',\n  ')}\n) ${optionsText(table, quoting)}`;
}

function columnText(column: ColumnDefinition, table: TableDefinition, quoting: Quoting): string {
  const parts = [
    quoting.name(column.name),
    columnTypeText(column.type),
    collationText(column, table),
    nullText(column),
    defaultClause(column, quoting),
    column.onUpdateNow === undefined ? '' : `ON UPDATE ${currentTimestamp(column.onUpdateNow.fsp)}`,
    column.autoIncrement === true ? 'AUTO_INCREMENT' : '',
    commentText(column.comment, quoting, ' '),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** The character set only where it is not the table's; the collation where the character set would not bring it. */
function collationText(column: ColumnDefinition, table: TableDefinition): string {
  const collation = columnCollation(column);
  if (collation === null) return '';
  const ofTable = table.collation ?? DEFAULT_COLLATION;
  if (collation !== ofTable) {
    const characterSet = characterSetOf(collation);
    return `CHARACTER SET ${characterSet} COLLATE ${collation}`;
  }
  return findCollation(collation)?.default === true ? '' : `COLLATE ${collation}`;
}

function nullText(column: ColumnDefinition): string {
  if (!column.nullable) return 'NOT NULL';
  // Once TIMESTAMP was NOT NULL unless it said otherwise, so it still says so.
  return column.type.name === 'timestamp' ? 'NULL' : '';
}

const WITHOUT_NULL_DEFAULT = /^(?:tiny|medium|long)?(?:text|blob)$/;

function defaultClause(column: ColumnDefinition, quoting: Quoting): string {
  if (column.autoIncrement === true) return '';
  const text = defaultText(column);
  if (text === null) {
    return column.nullable && !WITHOUT_NULL_DEFAULT.test(column.type.name) ? 'DEFAULT NULL' : '';
  }
  switch (column.default?.kind) {
    case 'now':
      return `DEFAULT ${text}`;
    case 'expression':
      return `DEFAULT (${text})`;
    default:
      return `DEFAULT ${column.type.name === 'bit' ? text : quoting.text(text)}`;
  }
}

function keyText(key: TableKey, quoting: Quoting): string {
  const parts = `(${key.parts.map((part) => partText(part, quoting)).join(',')})`;
  if (key.primary) return `PRIMARY KEY ${parts}`;
  return `${key.unique ? 'UNIQUE KEY' : 'KEY'} ${quoting.name(key.name)} ${parts}${prefixed(commentText(key.comment, quoting, ' '))}`;
}

function partText(part: IndexPart, quoting: Quoting): string {
  const length = part.length === undefined ? '' : `(${part.length})`;
  return `${quoting.name(part.column)}${length}${part.descending === true ? ' DESC' : ''}`;
}

function foreignKeyText(key: ForeignKeyDefinition, table: TableDefinition, quoting: Quoting): string {
  const names = (columns: readonly string[]): string => columns.map((column) => quoting.name(column)).join(', ');
  const elsewhere = key.referencedDatabase.toLowerCase() !== table.database.toLowerCase();
  const parent = `${elsewhere ? `${quoting.name(key.referencedDatabase)}.` : ''}${quoting.name(key.referencedTable)}`;
  const rule = (event: string, action: string): string =>
    action === 'no action' ? '' : ` ON ${event} ${action.toUpperCase()}`;
  return (
    `CONSTRAINT ${quoting.name(key.name)} FOREIGN KEY (${names(key.columns)}) ` +
    `REFERENCES ${parent} (${names(key.referencedColumns)})` +
    `${rule('DELETE', key.onDelete)}${rule('UPDATE', key.onUpdate)}`
  );
}

function optionsText(table: TableDefinition, quoting: Quoting): string {
  const collation = table.collation ?? DEFAULT_COLLATION;
  const told = findCollation(collation)?.default !== true || collation === DEFAULT_COLLATION;
  return (
    `ENGINE=InnoDB DEFAULT CHARSET=${characterSetOf(collation)}` +
    `${told ? ` COLLATE=${collation}` : ''}${prefixed(commentText(table.comment, quoting, '='))}`
  );
}

function commentText(comment: string | undefined, quoting: Quoting, sign: string): string {
  return comment === undefined || comment === '' ? '' : `COMMENT${sign}${quoting.text(comment)}`;
}

function prefixed(text: string): string {
  return text === '' ? '' : ` ${text}`;
}

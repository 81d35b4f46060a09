/**
 * What must be known of a table to read its rows: the binlog itself tells neither names nor signs nor character sets. Made of information_schema's
 * columns; a table of which a column cannot be read exactly is not mirrored, and the reason names that column.
 */
import type { ColumnType, TypeName } from '../../stores/column-type.ts';
import { characterSet as knownCharacterSet } from './character-set.ts';

export interface ColumnLayout {
  readonly name: string;
  readonly type: ColumnType;
  /** Of text, ENUM and SET; null for other types. */
  readonly characterSet: string | null;
}

export interface TableLayout {
  /** All of them, in the table's order. */
  readonly columns: readonly ColumnLayout[];
}

/** A column as information_schema.columns describes it. */
export interface DescribedColumn {
  readonly name: string;
  /** column_type: `int(10) unsigned`, `decimal(10,2)`, `enum('a','b')`. */
  readonly columnType: string;
  readonly characterSet: string | null;
  readonly collation: string | null;
  readonly isNullable: boolean;
  /** extra: `VIRTUAL GENERATED`, `auto_increment`, ... */
  readonly extra: string;
}

const TYPES: ReadonlySet<string> = new Set<TypeName>([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'year',
  'bit',
  'decimal',
  'float',
  'double',
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'binary',
  'varbinary',
  'tinyblob',
  'blob',
  'mediumblob',
  'longblob',
  'date',
  'time',
  'datetime',
  'timestamp',
  'enum',
  'set',
]);
const DECIMAL_DIGITS_MAX = 18;
const BITS_MAX = 63;

/** Which of the columns cannot be mirrored, and why, in a sentence. */
export class UnmirroredColumn extends Error {}

/** Throws UnmirroredColumn. */
export function tableLayout(columns: readonly DescribedColumn[]): TableLayout {
  return { columns: columns.map(columnLayout) };
}

function columnLayout(column: DescribedColumn): ColumnLayout {
  const { name, columnType, characterSet } = column;
  const [, typeName = '', list, rest = ''] = /^(\w+)(?:\(((?:'(?:[^']|'')*'|[^')])*)\))?(.*)$/s.exec(columnType) ?? [];
  const why = whyNot(column, typeName, list, rest);
  if (why !== null) throw new UnmirroredColumn(`column ${name}: ${why}`);
  return { name, type: storedType(typeName as TypeName, column, list, rest), characterSet };
}

function whyNot(
  { extra, characterSet }: DescribedColumn,
  type: string,
  list: string | undefined,
  rest: string,
): string | null {
  if (!TYPES.has(type)) return `values of type ${type} have no stored form`;
  if (/\bvirtual\b/i.test(extra)) return 'it is VIRTUAL, so the binlog does not have it';
  if (/compressed/i.test(rest)) return 'it is COMPRESSED';
  if (characterSet !== null && knownCharacterSet(characterSet) === undefined)
    return `its character set ${characterSet} is not known`;
  const digits = Number((list ?? '').split(',')[0]);
  if (type === 'decimal' && digits > DECIMAL_DIGITS_MAX) return `a DECIMAL has up to ${DECIMAL_DIGITS_MAX} digits`;
  if (type === 'bit' && digits > BITS_MAX) return `a BIT has up to ${BITS_MAX} bits`;
  if (type === 'year' && list === '2') return 'it is a YEAR(2), whose century the text protocol does not tell';
  return null;
}

function storedType(
  name: TypeName,
  { collation }: DescribedColumn,
  list: string | undefined,
  rest: string,
): ColumnType {
  const common = {
    name,
    ...(/\bunsigned\b/.test(rest) && { unsigned: true }),
    ...(collation !== null && { collation }),
  };
  if (name === 'enum' || name === 'set') return { ...common, values: members(list ?? '') };
  if (list === undefined) return common;
  const [first = 0, second] = list.split(',').map(Number);
  switch (name) {
    case 'decimal':
      return { ...common, precision: first, scale: second ?? 0 };
    case 'float':
    case 'double':
      return second === undefined ? common : { ...common, precision: first, scale: second };
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { ...common, scale: first };
    default:
      return { ...common, length: first };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r' };

/** `'a','it''s'`. Some characters are escaped by a backslash there (MariaDB's append_unescaped()). */
function members(list: string): string[] {
  return Array.from(list.matchAll(/'((?:[^']|'')*)'/g), ([, member = '']) =>
    member.replaceAll("''", "'").replaceAll(/\\(.)/gs, (_, escaped: string) => ESCAPES[escaped] ?? escaped),
  );
}

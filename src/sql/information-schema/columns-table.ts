import type { ColumnType } from '../../stores/column-type.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import { characterSetOf, findCharacterSet } from '../variables/character-sets.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { COLUMN_PRIVILEGES, columnCollation, columnExtra, columnKeys, defaultText } from './column-facts.ts';
import { columnTypeText } from './column-type-text.ts';
import { bigint, bigintUnsigned, intUnsigned, longText, nullable, table, text } from './define.ts';
import { schemaObjects } from './schema-objects.ts';

/** `all` gives every virtual table, this one included. */
export function columnsTable(all: () => readonly VirtualTable[]): VirtualTable {
  const columns = [
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('COLUMN_NAME'),
    intUnsigned('ORDINAL_POSITION'),
    nullable(longText('COLUMN_DEFAULT')),
    text('IS_NULLABLE', 3),
    nullable(longText('DATA_TYPE')),
    nullable(bigint('CHARACTER_MAXIMUM_LENGTH')),
    nullable(bigint('CHARACTER_OCTET_LENGTH')),
    nullable(bigintUnsigned('NUMERIC_PRECISION')),
    nullable(bigintUnsigned('NUMERIC_SCALE')),
    nullable(intUnsigned('DATETIME_PRECISION')),
    nullable(text('CHARACTER_SET_NAME')),
    nullable(text('COLLATION_NAME')),
    longText('COLUMN_TYPE'),
    text('COLUMN_KEY', 3),
    nullable(text('EXTRA', 256)),
    nullable(text('PRIVILEGES', 154)),
    longText('COLUMN_COMMENT'),
    longText('GENERATION_EXPRESSION'),
    nullable(intUnsigned('SRS_ID')),
  ];
  return table('COLUMNS', columns, function* ({ catalog }) {
    for (const { definition, type } of schemaObjects(catalog, all())) {
      const key = columnKeys(definition);
      for (const [index, column] of definition.columns.entries()) {
        yield {
          TABLE_CATALOG: 'def',
          TABLE_SCHEMA: definition.database,
          TABLE_NAME: definition.name,
          ORDINAL_POSITION: index + 1,
          COLUMN_KEY: key(column.name),
          PRIVILEGES: type === 'BASE TABLE' ? COLUMN_PRIVILEGES : 'select',
          ...columnFacts(column),
        };
      }
    }
  });
}

function columnFacts(column: ColumnDefinition): Record<string, string | number | null> {
  const collation = columnCollation(column);
  const characterSet = collation === null ? null : characterSetOf(collation);
  const bytesPerCharacter = findCharacterSet(characterSet ?? '')?.bytesPerCharacterMax ?? 1;
  const [characters, bytes] = textLengths(column.type, bytesPerCharacter);
  const [precision, scale] = numericDigits(column.type);
  return {
    COLUMN_NAME: column.name,
    COLUMN_DEFAULT: defaultText(column),
    IS_NULLABLE: column.nullable ? 'YES' : 'NO',
    DATA_TYPE: column.type.name,
    CHARACTER_MAXIMUM_LENGTH: characters,
    CHARACTER_OCTET_LENGTH: bytes,
    NUMERIC_PRECISION: precision,
    NUMERIC_SCALE: scale,
    DATETIME_PRECISION: isTemporal(column.type) ? (column.type.scale ?? 0) : null,
    CHARACTER_SET_NAME: characterSet,
    COLLATION_NAME: collation,
    COLUMN_TYPE: columnTypeText(column.type),
    EXTRA: columnExtra(column),
    COLUMN_COMMENT: column.comment ?? '',
    GENERATION_EXPRESSION: '',
  };
}

const TEXT_BYTES: Readonly<Record<string, number>> = {
  tinytext: 0xff,
  tinyblob: 0xff,
  text: 0xffff,
  blob: 0xffff,
  mediumtext: 0xff_ffff,
  mediumblob: 0xff_ffff,
  longtext: 0xffff_ffff,
  longblob: 0xffff_ffff,
};

/** What the type can hold at most, in characters and in bytes. */
function textLengths(type: ColumnType, bytesPerCharacter: number): readonly [number | null, number | null] {
  switch (type.name) {
    case 'char':
    case 'varchar':
      return [type.length ?? 1, (type.length ?? 1) * bytesPerCharacter];
    case 'binary':
    case 'varbinary':
      return [type.length ?? 1, type.length ?? 1];
    case 'enum': {
      const longest = Math.max(0, ...(type.values ?? []).map((value) => [...value].length));
      return [longest, longest * bytesPerCharacter];
    }
    case 'set': {
      const all = [...(type.values ?? []).join(',')].length;
      return [all, all * bytesPerCharacter];
    }
    default: {
      const bytes = TEXT_BYTES[type.name] ?? null;
      return [bytes, bytes];
    }
  }
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = { tinyint: 3, smallint: 5, mediumint: 7, int: 10, bigint: 19 };

/** NUMERIC_PRECISION and NUMERIC_SCALE. */
function numericDigits(type: ColumnType): readonly [number | null, number | null] {
  switch (type.name) {
    case 'decimal':
      return [type.precision ?? 10, type.scale ?? 0];
    case 'float':
      return [type.precision ?? 12, type.scale ?? null];
    case 'double':
      return [type.precision ?? 22, type.scale ?? null];
    case 'bit':
      return [type.length ?? 1, null];
    default: {
      const digits = INTEGER_DIGITS[type.name];
      if (digits === undefined) return [null, null];
      return [type.name === 'bigint' && type.unsigned === true ? digits + 1 : digits, 0];
    }
  }
}

function isTemporal(type: ColumnType): boolean {
  return type.name === 'time' || type.name === 'datetime' || type.name === 'timestamp';
}

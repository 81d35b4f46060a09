/** What the server offers: engines, plugins, character sets, collations. */

import { CHARACTER_SETS, COLLATIONS } from '../variables/character-sets.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { bigintUnsigned, intUnsigned, longText, nullable, table, text } from './define.ts';

export function enginesTable(): VirtualTable {
  const columns = [
    text('ENGINE'),
    text('SUPPORT', 8),
    text('COMMENT', 80),
    nullable(text('TRANSACTIONS', 3)),
    nullable(text('XA', 3)),
    nullable(text('SAVEPOINTS', 3)),
  ];
  // Every table is kept by SQLite; it goes by the name of the engine whose promises it keeps, which is what tools look for.
  const engine = {
    ENGINE: 'InnoDB',
    SUPPORT: 'DEFAULT',
    COMMENT: 'SQLite: transactions, foreign keys, one writer at a time',
    TRANSACTIONS: 'YES',
    XA: 'NO',
    SAVEPOINTS: 'YES',
  };
  return table('ENGINES', columns, () => [engine]);
}

export function pluginsTable(): VirtualTable {
  const columns = [
    text('PLUGIN_NAME'),
    text('PLUGIN_VERSION', 20),
    text('PLUGIN_STATUS', 10),
    text('PLUGIN_TYPE', 80),
    text('PLUGIN_TYPE_VERSION', 20),
    nullable(text('PLUGIN_LIBRARY')),
    nullable(text('PLUGIN_LIBRARY_VERSION', 20)),
    nullable(text('PLUGIN_AUTHOR')),
    nullable(longText('PLUGIN_DESCRIPTION')),
    nullable(text('PLUGIN_LICENSE', 80)),
    text('LOAD_OPTION', 64),
  ];
  const builtIn = [
    ['mysql_native_password', 'AUTHENTICATION', 'Native authentication'],
    ['caching_sha2_password', 'AUTHENTICATION', 'SHA2 authentication with a cache'],
    ['InnoDB', 'STORAGE ENGINE', 'The embedded store'],
  ] as const;
  return table('PLUGINS', columns, () =>
    builtIn.map(([name, type, description]) => ({
      PLUGIN_NAME: name,
      PLUGIN_VERSION: '1.0',
      PLUGIN_STATUS: 'ACTIVE',
      PLUGIN_TYPE: type,
      PLUGIN_TYPE_VERSION: '1.0',
      PLUGIN_AUTHOR: 'Sluice',
      PLUGIN_DESCRIPTION: description,
      PLUGIN_LICENSE: 'MIT',
      LOAD_OPTION: 'FORCE',
    })),
  );
}

export function characterSetsTable(): VirtualTable {
  const columns = [
    text('CHARACTER_SET_NAME'),
    text('DEFAULT_COLLATE_NAME'),
    text('DESCRIPTION', 2048),
    intUnsigned('MAXLEN'),
  ];
  return table('CHARACTER_SETS', columns, () =>
    CHARACTER_SETS.map((set) => ({
      CHARACTER_SET_NAME: set.name,
      DEFAULT_COLLATE_NAME: set.defaultCollation,
      DESCRIPTION: set.description,
      MAXLEN: set.bytesPerCharacterMax,
    })),
  );
}

export function collationsTable(): VirtualTable {
  const columns = [
    text('COLLATION_NAME'),
    text('CHARACTER_SET_NAME'),
    bigintUnsigned('ID'),
    text('IS_DEFAULT', 3),
    text('IS_COMPILED', 3),
    intUnsigned('SORTLEN'),
    text('PAD_ATTRIBUTE', 9),
  ];
  return table('COLLATIONS', columns, () =>
    COLLATIONS.map((collation) => ({
      COLLATION_NAME: collation.name,
      CHARACTER_SET_NAME: collation.characterSet,
      ID: collation.id,
      IS_DEFAULT: collation.default ? 'Yes' : '',
      IS_COMPILED: 'Yes',
      SORTLEN: collation.sortLength,
      PAD_ATTRIBUTE: collation.pad,
    })),
  );
}

export function collationApplicabilityTable(): VirtualTable {
  const columns = [text('COLLATION_NAME'), text('CHARACTER_SET_NAME')];
  return table('COLLATION_CHARACTER_SET_APPLICABILITY', columns, () =>
    COLLATIONS.map((collation) => ({ COLLATION_NAME: collation.name, CHARACTER_SET_NAME: collation.characterSet })),
  );
}

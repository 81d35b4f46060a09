import { posix } from 'node:path';

/**
 * The rooms of `src/` and what each may import: `protocols -> gate -> sql, lists, keys -> changes -> stores -> util`, and
 * `mirror -> changes, stores`. Rooms on one step do not know each other. The demo is a client of the gate, as a protocol is.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  util: [],
  stores: ['util'],
  changes: ['stores', 'util'],
  sql: ['changes', 'stores', 'util'],
  lists: ['changes', 'stores', 'util'],
  keys: ['changes', 'stores', 'util'],
  mirror: ['changes', 'stores', 'util'],
  gate: ['sql', 'lists', 'keys', 'changes', 'stores', 'util', 'config'],
  protocols: ['gate', 'sql', 'lists', 'keys', 'changes', 'stores', 'util', 'config'],
  demo: ['gate', 'sql', 'lists', 'keys', 'changes', 'stores', 'util', 'config'],
  config: ['util'],
  /** `errors.ts`, `limits.ts` and other plain files of `src/`: anyone may import them, so they import hardly anything. */
  common: ['util'],
};

/**
 * Files of the server that are part of the client, too: the keys' trees in memory, their values and filters, and what those stand on. They use nothing that
 * browsers lack, which the client's own compilation checks.
 */
export const SHARED_WITH_CLIENT: readonly string[] = [
  'src/changes/compare.ts',
  'src/changes/condition.ts',
  'src/errors.ts',
  'src/keys/change-value.ts',
  'src/keys/check-limit.ts',
  'src/keys/expected-type.ts',
  'src/keys/filters.ts',
  'src/keys/find-options.ts',
  'src/keys/key-map.ts',
  'src/keys/key-set.ts',
  'src/keys/paths.ts',
  'src/keys/patterns.ts',
  'src/keys/pointers.ts',
  'src/keys/value-json.ts',
  'src/keys/value-order.ts',
  'src/keys/values.ts',
  'src/keys/wire-json.ts',
  'src/limits.ts',
  'src/stores/values.ts',
  'src/util/bytes.ts',
  'src/util/json-text.ts',
];

/** Composition roots put the rooms together: they may import anything, and nobody imports them. */
const ROOTS = /^src\/(?:main|server|index)(?:\.test)?\.ts$|^src\/(?:processes|cli)\//;

/** The room of a file of `src/`; `root` for a composition root, `outside` for what is not in `src/`. */
export function roomOf(path: string): string {
  if (!path.startsWith('src/')) return 'outside';
  if (ROOTS.test(path)) return 'root';
  const [, first = '', ...rest] = path.split('/');
  if (rest.length > 0) return first;
  return /^config(?:\.test)?\.ts$/.test(first) ? 'config' : 'common';
}

/** Why `from` may not import `specifier`, or undefined if it may. Packages are no concern of this rule. */
export function forbiddenBecause(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const to = posix.join(posix.dirname(from), specifier);
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)];
  if (toRoom === 'outside') return `${from} imports ${to}, which is outside src/`;
  if (fromRoom === 'root' || fromRoom === toRoom || toRoom === 'common') return undefined;
  const allowed = MAY_IMPORT[fromRoom];
  if (allowed === undefined) return `${from} is in the room "${fromRoom}", which the one-way rule does not know`;
  if (allowed.includes(toRoom)) return undefined;
  return `${from} imports ${to}: ${fromRoom} may import ${allowed.join(', ') || 'nothing'}`;
}

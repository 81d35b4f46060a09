/**
 * Character sets and collations. Text is Unicode throughout; a column's character set is what SHOW tells of it and what limits its
 * characters. Listed is what Sluice orders and compares as MySQL does within ASCII; others are unknown (1115, 1273).
 */
export interface CharacterSet {
  readonly name: string;
  readonly description: string;
  readonly defaultCollation: string;
  readonly bytesPerCharacterMax: number;
}

export interface Collation {
  /** As the wire protocol numbers it. */
  readonly id: number;
  readonly name: string;
  readonly characterSet: string;
  readonly default: boolean;
  readonly sortLength: number;
  readonly pad: 'PAD SPACE' | 'NO PAD';
}

export const DEFAULT_CHARACTER_SET = 'utf8mb4';
export const DEFAULT_COLLATION = 'utf8mb4_0900_ai_ci';

export const CHARACTER_SETS: readonly CharacterSet[] = [
  { name: 'ascii', description: 'US ASCII', defaultCollation: 'ascii_general_ci', bytesPerCharacterMax: 1 },
  { name: 'binary', description: 'Binary pseudo charset', defaultCollation: 'binary', bytesPerCharacterMax: 1 },
  {
    name: 'latin1',
    description: 'cp1252 West European',
    defaultCollation: 'latin1_swedish_ci',
    bytesPerCharacterMax: 1,
  },
  { name: 'utf8mb3', description: 'UTF-8 Unicode', defaultCollation: 'utf8mb3_general_ci', bytesPerCharacterMax: 3 },
  { name: 'utf8mb4', description: 'UTF-8 Unicode', defaultCollation: DEFAULT_COLLATION, bytesPerCharacterMax: 4 },
];

export const COLLATIONS: readonly Collation[] = [
  collation(11, 'ascii_general_ci', 1),
  collation(65, 'ascii_bin', 1),
  collation(63, 'binary', 1, 'NO PAD'),
  collation(8, 'latin1_swedish_ci', 1),
  collation(48, 'latin1_general_ci', 1),
  collation(47, 'latin1_bin', 1),
  collation(33, 'utf8mb3_general_ci', 1),
  collation(83, 'utf8mb3_bin', 1),
  collation(192, 'utf8mb3_unicode_ci', 8),
  collation(214, 'utf8mb3_unicode_520_ci', 8),
  collation(255, 'utf8mb4_0900_ai_ci', 0, 'NO PAD'),
  collation(305, 'utf8mb4_0900_as_ci', 0, 'NO PAD'),
  collation(278, 'utf8mb4_0900_as_cs', 0, 'NO PAD'),
  collation(309, 'utf8mb4_0900_bin', 1, 'NO PAD'),
  collation(46, 'utf8mb4_bin', 1),
  collation(45, 'utf8mb4_general_ci', 1),
  collation(224, 'utf8mb4_unicode_ci', 8),
  collation(246, 'utf8mb4_unicode_520_ci', 8),
];

function collation(id: number, name: string, sortLength: number, pad: Collation['pad'] = 'PAD SPACE'): Collation {
  const characterSet = name.split('_')[0] ?? name;
  const isDefault = CHARACTER_SETS.some((set) => set.defaultCollation === name);
  return { id, name, characterSet, default: isDefault, sortLength, pad };
}

/** In any case; `utf8` is utf8mb3, as in MySQL 8. */
export function findCharacterSet(name: string): CharacterSet | undefined {
  const wanted = modernName(name);
  return CHARACTER_SETS.find((set) => set.name === wanted);
}

/** In any case; `utf8_general_ci` is utf8mb3_general_ci. */
export function findCollation(name: string): Collation | undefined {
  const wanted = modernName(name);
  return COLLATIONS.find((candidate) => candidate.name === wanted);
}

function modernName(name: string): string {
  return name.toLowerCase().replace(/^utf8(?=_|$)/, 'utf8mb3');
}

/** The character set of a collation, also of one that is not listed: its name begins with it. */
export function characterSetOf(collation: string): string {
  return findCollation(collation)?.characterSet ?? collation.split('_')[0] ?? collation;
}

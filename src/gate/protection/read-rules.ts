/** Rules as they are written: `[[rules]]` in TOML, or the same as JSON. The first mistake is told by the rule's name, and then none of them is taken. */
import { MAX_RULE_DELAY_MS, MAX_RULES } from '../../limits.ts';
import { AddressRanges } from '../../util/address-range.ts';
import { PLAN_KINDS, type PlanKind } from '../statement-facts.ts';
import { readHints } from './hints.ts';
import { RULE_ACTIONS, type Rule, type RuleAction } from './rule.ts';
import { SettingsError, SettingsReader } from './settings-reader.ts';
import { TablePattern } from './table-pattern.ts';
import { readValueCondition, VALUE_CONDITION_KEYS, type ValueCondition } from './value-condition.ts';

const KEYS = [
  'name',
  'users',
  'addresses',
  'kinds',
  'tables',
  'pattern',
  'values',
  'action',
  'message',
  'delay_ms',
  'hint',
];

/** Throws SettingsError. */
export function readRules(given: unknown): Rule[] {
  if (!Array.isArray(given)) throw new SettingsError('rules: write each rule as a table of its own, [[rules]]');
  if (given.length > MAX_RULES) throw new SettingsError(`rules: there are more than ${MAX_RULES}`);
  const rules = given.map((values, i) => readRule(values, i + 1));
  const twice = rules.find((rule, i) => rules.findIndex(({ name }) => name === rule.name) < i);
  if (twice !== undefined) throw new SettingsError(`rule ${JSON.stringify(twice.name)} is there twice`);
  return rules;
}

function readRule(values: unknown, number: number): Rule {
  const given = (values as { name?: unknown } | null)?.name;
  const where = typeof given === 'string' && given !== '' ? `rule ${JSON.stringify(given)}` : `rule number ${number}`;
  const reader = new SettingsReader(values, where, KEYS);
  const name = reader.text('name');
  if (name === undefined) throw reader.wrong('name', 'is missing');
  const users = reader.texts('users');
  const addresses = reader.texts('addresses');
  const tables = reader.texts('tables');
  const pattern = reader.text('pattern');
  const action = reader.oneOf('action', RULE_ACTIONS);
  return {
    name,
    users: users === undefined ? null : new Set(users),
    addresses: addresses === undefined ? null : reader.made('addresses', () => new AddressRanges(addresses)),
    kinds: readKinds(reader),
    tables: tables === undefined ? null : reader.made('tables', () => tables.map((text) => new TablePattern(text))),
    pattern: pattern === undefined ? null : reader.made('pattern', () => new RegExp(pattern, 'iu')),
    values: readValues(reader, where),
    action,
    message: only(reader, action, 'message', ['fail', 'fail-retry'], reader.text('message')) ?? '',
    delayMs: only(reader, action, 'delay_ms', ['delay'], reader.whole('delay_ms', 1, MAX_RULE_DELAY_MS)) ?? 0,
    hint: readHint(reader, action),
  };
}

function readKinds(reader: SettingsReader): ReadonlySet<PlanKind> | null {
  const words = reader.texts('kinds');
  if (words === undefined) return null;
  const known: readonly string[] = PLAN_KINDS;
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined)
    throw reader.wrong('kinds', `has ${JSON.stringify(unknown)}; there are ${PLAN_KINDS.join(', ')}`);
  return new Set(words as PlanKind[]);
}

function readValues(reader: SettingsReader, where: string): ValueCondition[] {
  const given = reader.raw('values') ?? [];
  if (!Array.isArray(given)) throw reader.wrong('values', 'must be a list of conditions');
  return given.map((condition, i) =>
    readValueCondition(new SettingsReader(condition, `${where}: values, number ${i + 1}`, VALUE_CONDITION_KEYS)),
  );
}

function readHint(reader: SettingsReader, action: RuleAction): string {
  const hint = only(reader, action, 'hint', ['hint'], reader.text('hint'));
  if (hint === undefined) return '';
  reader.made('hint', () => readHints(hint));
  return hint;
}

/** A setting that belongs to some actions: needed there but for a message, wrong elsewhere. */
function only<T>(
  reader: SettingsReader,
  action: RuleAction,
  key: string,
  actions: readonly RuleAction[],
  value: T | undefined,
): T | undefined {
  if (value === undefined && actions.includes(action) && key !== 'message') throw reader.wrong(key, 'is missing');
  if (value !== undefined && !actions.includes(action))
    throw reader.wrong(key, `has no meaning with action = "${action}"`);
  return value;
}

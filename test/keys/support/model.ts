/** Random operations on keys, and what a Map says that they do: the tree by the words of its specification alone. */
import { isDeepStrictEqual } from 'node:util';
import type { KeyFilter } from '../../../src/keys/filters.ts';
import type { FindOptions } from '../../../src/keys/find-options.ts';
import { parsePattern } from '../../../src/keys/patterns.ts';
import { KeyBits, KeyPointer, type KeyValue } from '../../../src/keys/values.ts';
import { SeededRandom } from '../../../src/util/random.ts';
import type { KeyDriver, ModelKeys } from './model-driver.ts';

const SEGMENTS = ['a', 'b', 'b1', 'é', '😀', 'ﬀ', 'x-y'];
const PATTERNS = ['*', 'a.*', 'a', 'a.b', '*.b', 'a.*.b', 'a.*.*', 'b*', 'a.b*', '*.*', 'b1.*.é', '😀.*'];
/** After the sweeper's clock, which is the machine's. */
const FIRST_NOW = Date.UTC(2100, 0, 1);

interface Entry {
  readonly value: KeyValue;
  readonly expiresAt: number | null;
  /** null: not read yet. */
  version: number | null;
}

/** How it tells that something differs. */
export class Difference extends Error {}

export class Model {
  readonly #random: SeededRandom;
  readonly #driver: KeyDriver;
  #map = new Map<string, Entry>();
  #now = FIRST_NOW;
  #newestVersion = 0;
  #step = 0;
  #doing = '';

  constructor(driver: KeyDriver, seed: number) {
    this.#driver = driver;
    this.#random = new SeededRandom(seed);
  }

  get size(): number {
    return this.#map.size;
  }

  /** Throws Difference. */
  async run(steps: number, stepsBetweenRestarts: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      this.#step++;
      if (this.#step % stepsBetweenRestarts === 1) await this.#begin(this.#step > 1);
      try {
        await this.#one();
      } catch (error) {
        throw new Difference(
          `step ${this.#step}, ${this.#doing}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  async #begin(restart: boolean): Promise<void> {
    if (restart) await this.#driver.restart();
    await this.#driver.setNow?.(this.#now);
  }

  async #one(): Promise<void> {
    const random = this.#random;
    if (this.#driver.setNow !== undefined && random.chance(0.05)) {
      this.#now += 1 + random.below(4);
      await this.#driver.setNow(this.#now);
    }
    const keys = random.pick(this.#driver.keys);
    const operation = random.pick(OPERATIONS);
    this.#doing = operation;
    await this[operation](keys);
  }

  // ---- what there is

  #at(key: string): Entry | undefined {
    const entry = this.#map.get(key);
    return entry === undefined || (entry.expiresAt !== null && entry.expiresAt <= this.#now) ? undefined : entry;
  }

  #matching(pattern: string, test: (value: KeyValue) => boolean = () => true): string[] {
    const { matches } = parsePattern(pattern);
    const found = [...this.#map.keys()].filter((key) => matches(key) && this.#at(key) && test(this.#at(key)!.value));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  #set(key: string, value: KeyValue, expiresAt: number | null = null): void {
    if (expiresAt !== null && expiresAt <= this.#now) this.#map.delete(key);
    else this.#map.set(key, { value, expiresAt, version: null });
  }

  // ---- what is asked

  #key(): string {
    const key = Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(SEGMENTS)).join('.');
    this.#doing += ` ${key}`;
    return key;
  }

  #value(): KeyValue {
    const n = this.#random.below(5);
    return this.#random.pick<KeyValue>([
      n,
      n + 0.5,
      -0,
      BigInt(n),
      2n ** 70n,
      `t${n}`,
      `é\0${n}`,
      '',
      null,
      n % 2 === 0,
      new Date(n),
      [n, { a: new Set([1n]) }],
      { x: n },
      new Map([[n, new Date(1)]]),
      new Uint8Array([0, n]),
      new KeyPointer(Array.from({ length: 2 }, () => this.#random.pick(SEGMENTS)).join('.')),
    ]);
  }

  #filter(): { filter: KeyFilter; test: (value: KeyValue) => boolean } {
    const n = this.#random.below(5);
    const isNumber = (value: KeyValue): value is number | bigint =>
      typeof value === 'number' || typeof value === 'bigint';
    return this.#random.pick([
      { filter: { test: 'ge', operands: [n] } as const, test: (value: KeyValue) => isNumber(value) && value >= n },
      {
        filter: { test: 'contains', operands: [String(n)] } as const,
        test: (value: KeyValue) => typeof value === 'string' && value.includes(String(n)),
      },
      {
        filter: { test: 'not', filter: { test: 'lt', operands: [n] } } as const,
        test: (value: KeyValue) => !(isNumber(value) && value < n),
      },
      {
        filter: { test: 'earlier', operands: [new Date(n)] } as const,
        test: (value: KeyValue) => value instanceof Date && value.getTime() < n,
      },
    ]);
  }

  // ---- the operations

  async put(keys: ModelKeys): Promise<void> {
    const [key, value] = [this.#key(), this.#value()];
    const before = this.#at(key);
    if (keys.putEntry === undefined || this.#random.chance(0.5)) {
      same(await keys.put(key, value), before?.value);
      this.#set(key, value);
      return;
    }
    const version = before === undefined ? 0 : before.version;
    const timed = this.#driver.setNow !== undefined;
    const options = this.#random.pick([
      {},
      ...(timed ? [{ ttl: 1 + this.#random.below(9) }, { expiresAt: this.#now + this.#random.below(9) - 4 }] : []),
      { ifAbsent: true },
      { ifPresent: true },
      { keepTtl: true },
      { ifVersion: version ?? this.#newestVersion + 1_000_000 },
    ]);
    const { done, previous } = await keys.putEntry(key, value, options);
    same(previous?.value, before?.value);
    const fails =
      ('ifAbsent' in options && before !== undefined) ||
      ('ifPresent' in options && before === undefined) ||
      ('ifVersion' in options && version === null);
    same(done, !fails);
    if (fails) return;
    const expiresAt =
      'ttl' in options
        ? this.#now + options.ttl!
        : 'expiresAt' in options
          ? options.expiresAt!
          : 'keepTtl' in options
            ? (before?.expiresAt ?? null)
            : null;
    this.#set(key, value, expiresAt);
  }

  async putNx(keys: ModelKeys): Promise<void> {
    const [key, value] = [this.#key(), this.#value()];
    const isFree = this.#at(key) === undefined;
    same(await keys.putNx(key, value), isFree);
    if (isFree) this.#set(key, value);
  }

  async putMany(keys: ModelKeys): Promise<void> {
    const entries = Array.from({ length: this.#random.below(5) }, () => [this.#key(), this.#value()] as const);
    await keys.putMany(entries);
    for (const [key, value] of entries) this.#set(key, value);
  }

  async remove(keys: ModelKeys): Promise<void> {
    const key = this.#key();
    same(await keys.remove(key), this.#at(key)?.value);
    this.#map.delete(key);
  }

  async removeSeveral(keys: ModelKeys): Promise<void> {
    if (this.#random.chance(0.8)) {
      const some = [this.#key(), this.#key(), this.#key()];
      same(await keys.removeMany(some), new Set(some.filter((key) => this.#at(key))).size);
      for (const key of some) this.#map.delete(key);
      return;
    }
    const pattern = this.#random.pick(PATTERNS.filter((each) => each !== '*' && each !== '*.*'));
    const gone = this.#matching(pattern);
    same(await keys.removeAll(pattern), gone.length);
    for (const key of gone) this.#map.delete(key);
  }

  async change(keys: ModelKeys): Promise<void> {
    if (keys.add === undefined || keys.append === undefined) return;
    const key = this.#key();
    const old = this.#at(key);
    const adds = this.#random.chance(0.5);
    const is = old === undefined ? (adds ? 0 : '') : old.value;
    const fits = adds ? typeof is === 'number' || typeof is === 'bigint' : typeof is === 'string';
    const asked = adds ? keys.add(key, 2) : keys.append(key, 'z');
    if (!fits) return refused(asked, 'SLUICE_KEY_TYPE');
    const value = typeof is === 'bigint' ? is + 2n : adds ? (is as number) + 2 : `${is as string}z`;
    same(await asked, value);
    this.#set(key, value, old?.expiresAt ?? null);
  }

  async expire(keys: ModelKeys): Promise<void> {
    if (keys.expire === undefined || this.#driver.setNow === undefined) return;
    const key = this.#key();
    const old = this.#at(key);
    const at = this.#random.pick([null, this.#now + 5, this.#now, this.#now - 5]);
    same(await keys.expire(key, at), old !== undefined);
    if (old !== undefined) this.#set(key, old.value, at);
  }

  async get(keys: ModelKeys): Promise<void> {
    const some = [this.#key(), this.#key(), this.#key()];
    for (const key of some) {
      const wanted = this.#at(key);
      same(await keys.get(key), wanted?.value);
      const entry = await keys.getEntry(key);
      same(
        entry && { value: entry.value, expiresAt: entry.expiresAt },
        wanted === undefined ? null : { value: wanted.value, expiresAt: wanted.expiresAt },
      );
      if (entry === null || wanted === undefined) continue;
      if (wanted.version !== null) same(entry.version, wanted.version);
      wanted.version = entry.version;
      this.#newestVersion = Math.max(this.#newestVersion, entry.version);
    }
    const there = [...new Set(some)].filter((key) => this.#at(key));
    const sorted = there.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    same(
      [...(await keys.getMany(some))],
      sorted.map((key) => [key, this.#at(key)!.value]),
    );
  }

  async find(keys: ModelKeys): Promise<void> {
    const pattern = this.#random.pick(PATTERNS);
    const { filter, test } = this.#filter();
    this.#doing += ` ${pattern} ${JSON.stringify(filter)}`;
    const wanted = this.#matching(pattern, test);
    same(await keys.count(pattern, filter), wanted.length);
    if (keys.findKeys !== undefined) same([...(await keys.findKeys(pattern, filter))], wanted);
    if (keys.find === undefined) return;
    const reverse = this.#random.chance(0.5);
    if (reverse) wanted.reverse();
    const found: [string, KeyValue][] = [];
    const limit = 1 + this.#random.below(8);
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const options: FindOptions = { reverse, limit, ...(cursor !== undefined && { cursor }) };
      const page = await keys.find(pattern, filter, options).page();
      found.push(...page.entries.map(({ key, value }) => [key, value] as [string, KeyValue]));
      ({ cursor } = page);
    }
    same(
      found,
      wanted.map((key) => [key, this.#at(key)!.value]),
    );
  }

  async sets(keys: ModelKeys): Promise<void> {
    if (keys.findKeys === undefined) return;
    const [a, b] = [this.#random.pick(PATTERNS), this.#random.pick(PATTERNS)];
    const superKeys = (pattern: string): Set<string> =>
      new Set(
        this.#matching(pattern).flatMap((key) => (key.includes('.') ? [key.split('.').slice(0, 2).join('.')] : [])),
      );
    const [left, right] = [superKeys(a), superKeys(b)];
    const op = this.#random.pick(['and', 'or', 'except'] as const);
    const wanted = {
      and: [...left].filter((key) => right.has(key)),
      or: [...new Set([...left, ...right])],
      except: [...left].filter((key) => !right.has(key)),
    }[op].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    same(
      [
        ...(await keys.findKeys({
          op,
          sets: [
            { find: a, superKeys: 2 },
            { find: b, superKeys: 2 },
          ],
        })),
      ],
      wanted,
    );
  }

  async bits(keys: ModelKeys): Promise<void> {
    if (keys.setBit === undefined || keys.getBit === undefined || keys.bitCount === undefined) return;
    // Of keys that nothing else is put to: what becomes of text and bytes with bits is the unit tests' matter.
    const key = `bits.${this.#random.below(3)}`;
    const old = this.#at(key)?.value;
    const set = this.#bits.get(key) ?? new Set<number>();
    if (old === undefined) set.clear();
    this.#bits.set(key, set);
    const [bit, value] = [this.#random.below(20_000), this.#random.pick([0, 1, 1] as const)];
    same(await keys.setBit(key, bit, value), set.has(bit) ? 1 : 0);
    if (value === 1) set.add(bit);
    else set.delete(bit);
    const bytes = Math.max(old instanceof KeyBits ? old.byteLength : 0, (bit >> 3) + 1);
    this.#set(key, new KeyBits(bytes), this.#at(key)?.expiresAt ?? null);
    const other = this.#random.below(20_000);
    same([await keys.getBit(key, other), await keys.bitCount(key)], [set.has(other) ? 1 : 0, set.size]);
  }

  readonly #bits = new Map<string, Set<number>>();

  async pointers(keys: ModelKeys): Promise<void> {
    if (keys.getPointer === undefined) return;
    const key = this.#key();
    const visited: string[] = [];
    let at = key;
    let value = this.#at(at)?.value;
    while (value instanceof KeyPointer && !visited.includes(at)) {
      visited.push(at);
      at = value.target;
      value = this.#at(at)?.value;
    }
    if (visited.includes(at)) await refused(keys.getPointer(key), 'SLUICE_POINTER_LOOP');
    else same(await keys.getPointer(key), value);
  }

  /** A few operations that are kept, or undone, as one. */
  async transaction(keys: ModelKeys): Promise<void> {
    if (keys.transaction === undefined) return;
    const before = new Map(Array.from(this.#map, ([key, entry]) => [key, { ...entry }]));
    const bitsBefore = Array.from(this.#bits, ([key, bits]) => [key, new Set(bits)] as const);
    const fails = this.#random.chance(0.4);
    const working = keys.transaction(async (tx) => {
      for (let i = this.#random.below(4); i >= 0; i--) {
        const operation = this.#random.pick(IN_TRANSACTION);
        this.#doing += ` ${operation}`;
        await this[operation](tx);
      }
      if (fails) throw new Undone('undone');
    });
    if (!fails) return working;
    await working.catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
    this.#map = before;
    this.#bits.clear();
    for (const [key, bits] of bitsBefore) this.#bits.set(key, bits);
  }
}

class Undone extends Error {}

const OPERATIONS = [
  'put',
  'put',
  'put',
  'putNx',
  'putMany',
  'remove',
  'removeSeveral',
  'change',
  'expire',
  'get',
  'get',
  'find',
  'sets',
  'bits',
  'pointers',
  'transaction',
] as const;
const IN_TRANSACTION = [
  'put',
  'putNx',
  'putMany',
  'remove',
  'change',
  'expire',
  'get',
  'find',
  'bits',
  'pointers',
] as const;

function same(actual: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(actual, wanted)) return;
  throw new Error(`${shown(actual)} instead of ${shown(wanted)}`);
}

function shown(value: unknown): string {
  return (
    JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined'
  ).slice(0, 500);
}

async function refused(asked: Promise<unknown>, code: string): Promise<void> {
  try {
    await asked;
  } catch (error) {
    same((error as { code?: unknown }).code, code);
    return;
  }
  throw new Error(`not refused with ${code}`);
}

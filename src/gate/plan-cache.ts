/**
 * The plan cache. Its key is a statement's text without literals; under it stand variants, one for each combination of slot types and of the
 * values that a plan depends on (see PlanContext.pin). A hit never parses.
 */
import { PLAN_CACHE_MAX_SLOTS, PLAN_VARIANTS_PER_FINGERPRINT } from '../limits.ts';
import type { SlotType, SlotValue } from '../sql/slots.ts';
import type { GatePlan } from './plan-facts.ts';
import type { StatementSlots } from './statement-text.ts';

interface Variant {
  readonly types: string;
  readonly pins: ReadonlyMap<number, SlotValue>;
  readonly plan: GatePlan;
}

interface Entry {
  variants: Variant[];
  /** Asked for since the last sweep. */
  used: boolean;
}

/** Plans made under one catalog version and one group of session settings. */
export class PlanCache {
  readonly #settings = new Map<string, Map<string, Entry>>();
  readonly #entriesMax: () => number;
  #version = -1;
  #entries = 0;
  #hits = 0;
  #misses = 0;

  /** `entriesMax`: how many statements' plans there may be now; at least 1. */
  constructor(entriesMax: () => number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  find(
    catalogVersion: number,
    settings: string,
    fingerprint: string,
    { slots, literals }: StatementSlots,
  ): GatePlan | null {
    if (catalogVersion !== this.#version) this.#startVersion(catalogVersion);
    const entry = this.#settings.get(settings)?.get(fingerprint);
    if (entry !== undefined) {
      const types = typesOf(slots, literals);
      for (const variant of entry.variants) {
        if (variant.types !== types || !pinsHold(variant.pins, slots)) continue;
        entry.used = true;
        this.#hits++;
        return variant.plan;
      }
    }
    this.#misses++;
    return null;
  }

  keep(
    catalogVersion: number,
    settings: string,
    fingerprint: string,
    { slots, literals }: StatementSlots,
    plan: GatePlan,
    pins: ReadonlyMap<number, SlotValue>,
  ): void {
    // DDL is planned with its values; bulk statements are seldom the same twice.
    if (plan.plan.kind === 'schema' || slots.length > PLAN_CACHE_MAX_SLOTS || catalogVersion !== this.#version) return;
    let group = this.#settings.get(settings);
    if (group === undefined) {
      group = new Map();
      this.#settings.set(settings, group);
    }
    let entry = group.get(fingerprint);
    if (entry === undefined) {
      while (this.#entries >= this.#entriesMax()) this.#sweep();
      entry = { variants: [], used: false };
      group.set(fingerprint, entry);
      this.#entries++;
    }
    if (entry.variants.length >= PLAN_VARIANTS_PER_FINGERPRINT) entry.variants.shift();
    entry.variants.push({ types: typesOf(slots, literals), pins, plan });
  }

  #startVersion(version: number): void {
    this.#settings.clear();
    this.#entries = 0;
    this.#version = version;
  }

  /** Drops what was not asked for since the last sweep; everything, when all of it was. */
  #sweep(): void {
    const before = this.#entries;
    for (const [settings, group] of this.#settings) {
      for (const [fingerprint, entry] of group) {
        if (entry.used) entry.used = false;
        else {
          group.delete(fingerprint);
          this.#entries--;
        }
      }
      if (group.size === 0) this.#settings.delete(settings);
    }
    if (this.#entries === before) this.#startVersion(this.#version);
  }
}

/** One letter a slot, and what else of a type decides a plan; a mark where the value is a parameter: only literals give columns their names. */
function typesOf(slots: readonly SlotValue[], literals: readonly boolean[]): string {
  let text = '';
  for (let i = 0; i < slots.length; i++) {
    text += letterOf((slots[i] as SlotValue).type);
    if (literals[i] === false) text += '?';
  }
  return text;
}

function letterOf(type: SlotType): string {
  switch (type.kind) {
    case 'int':
      return type.unsigned ? 'u' : 'i';
    case 'string':
      return 's';
    case 'decimal':
      return `d${type.precision}.${type.scale};`;
    case 'double':
      return 'f';
    case 'bytes':
      return 'b';
    case 'null':
      return 'n';
    case 'date':
      return 'D';
    case 'time':
      return 'T';
    case 'datetime':
      return 'S';
  }
}

function pinsHold(pins: ReadonlyMap<number, SlotValue>, slots: readonly SlotValue[]): boolean {
  for (const [index, pinned] of pins) {
    if (slots[index]?.value !== pinned.value) return false;
  }
  return true;
}

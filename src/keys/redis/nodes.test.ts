/** What differs from Redis, or goes deeper than the test that compares with it: nodes that are strings and hashes at once, expiry, deep trees, far reads. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyStore, putPlan } from '../key-store.suite.ts';
import { planCombineBits, planFindBit, planSetTextBit } from './bit-plans.ts';
import { planGetHash, planSetFields } from './hash-plans.ts';
import {
  planCopy,
  planExist,
  planExpireKey,
  planExpiry,
  planKind,
  planRemoveKeys,
  planRename,
  planSignatures,
} from './key-plans.ts';
import { MORE } from './node.ts';
import { planKeys, planScan, type ScanPage } from './scan-plans.ts';
import { planAddDecimal, planAddInteger, planAppendText, planGetString, planSetString } from './string-plans.ts';
import { storedText } from './text-values.ts';

const NOW = 1_000_000;
let store: KeyStore;

beforeEach(() => {
  store = new KeyStore();
});
afterEach(() => store.close());

function set(key: string, text: string, at: number | null = null): void {
  const expiry = at === null ? 'none' : { at };
  store.run(planSetString(key, storedText(key, Buffer.from(text)), { expiry }, NOW));
}

function hset(key: string, fields: Record<string, string>): number {
  const stored = Object.entries(fields).map(([field, text]) => [field, storedText(field, Buffer.from(text))] as const);
  return store.run(planSetFields(key, stored, false, NOW));
}

const get = (key: string, now = NOW) => store.run(planGetString(key, now, 'far'));
const fields = (key: string, now = NOW) => store.run(planGetHash(key, true, now, 'far'));
const kind = (key: string, now = NOW) => store.run(planKind(key, now, 'far'));

describe('a node', () => {
  it('is a string with a value, a hash with children that hold values, nothing otherwise', () => {
    hset('user.1', { name: 'Li', age: '20' });
    set('user.1.address.city', 'X');
    expect(['user', 'user.1', 'user.1.name', 'user.1.address', 'user.2'].map((key) => kind(key))).toEqual([
      'none',
      'hash',
      'string',
      'hash',
      'none',
    ]);
    expect(fields('user.1')).toEqual([
      ['age', '20'],
      ['name', 'Li'],
    ]);
    expect(() => get('user.1')).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
    expect(() => fields('user.1.name')).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
    expect(get('user')).toBeNull();
  });

  it('that is both is a string; without its value the hash is there again', () => {
    hset('a', { f: '1' });
    set('a', 'x');
    expect([kind('a'), get('a'), get('a.f')]).toEqual(['string', 'x', '1']);
    expect(() => hset('a', { g: '2' })).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
    expect(store.run(planRemoveKeys(['a'], NOW))).toBe(1);
    expect([kind('a'), fields('a')]).toEqual(['hash', [['f', '1']]]);
  });

  it('is removed, renamed and copied with its fields, not with what is deeper', () => {
    hset('a', { f: '1', é: '2' });
    set('a.f.deep', 'x');
    store.run(planSetTextBit('a.bits', 5000, 1, NOW));
    hset('b', { old: '1' });
    expect(store.run(planCopy('a', 'b', false, NOW))).toBe(false);
    expect(store.run(planCopy('a', 'b', true, NOW))).toBe(true);
    expect((fields('b') as [string, unknown][]).map(([field]) => field)).toEqual(['bits', 'f', 'é']);
    expect(store.run(planRename('a', 'c', false, NOW))).toBe(true);
    expect([kind('a'), kind('c'), get('a.f.deep')]).toEqual(['none', 'hash', 'x']);
    expect(get('c.bits')).toEqual(get('b.bits'));
    expect(store.run(planFindBit('c.bits', 1, null, NOW))).toBe(5000);
    expect(store.run(planRemoveKeys(['b', 'c', 'nothing'], NOW))).toBe(2);
    expect(store.run(planKeys('*', NOW))).toEqual(['a.f.deep']);
    expect(store.read('SELECT count(*) FROM "sluice.key_bits"')).toEqual([[0]]);
    expect(() => store.run(planRename('nothing', 'd', false, NOW))).toThrow(
      expect.objectContaining({ code: 'SLUICE_NO_SUCH_KEY' }),
    );
  });

  it('is renamed into one of its own fields, and back', () => {
    hset('a', { b: '1', c: '2' });
    store.run(planRename('a', 'a.b', false, NOW));
    expect(fields('a.b')).toEqual([
      ['b', '1'],
      ['c', '2'],
    ]);
    store.run(planRename('a.b', 'a', false, NOW));
    expect(fields('a')).toEqual([
      ['b', '1'],
      ['c', '2'],
    ]);
  });
});

describe('expiry', () => {
  it('of a hash is that of its fields; one that is added gets it, one that is changed keeps its own', () => {
    hset('h', { f: '1', g: '2' });
    expect(store.run(planExpireKey('h', { at: NOW + 100 }, [], NOW))).toBe(true);
    hset('h', { f: '3', new: '4' });
    expect(store.run(planExpiry('h', NOW))).toBe(NOW + 100);
    expect(fields('h', NOW + 99)).toHaveLength(3);
    expect([kind('h', NOW + 100), fields('h', NOW + 100)]).toEqual(['none', []]);
    expect(store.run(planExpiry('h', NOW + 100))).toBeUndefined();
  });

  it('does not come while a field has none', () => {
    hset('h', { f: '1', g: '2' });
    store.run(planExpireKey('h.f', { at: NOW + 100 }, [], NOW));
    expect(store.run(planExpiry('h', NOW))).toBeNull();
    expect(fields('h', NOW + 200)).toEqual([['g', '2']]);
  });

  it('that has passed removes; conditions are of the old one', () => {
    set('a', 'x', NOW + 50);
    expect(store.run(planExpireKey('a', { at: NOW + 40 }, ['GT'], NOW))).toBe(false);
    expect(store.run(planExpireKey('a', { at: NOW + 60 }, ['XX', 'GT'], NOW))).toBe(true);
    expect(store.run(planExpireKey('a', { ttlMs: -5 }, [], NOW))).toBe(true);
    expect(store.run(planExist(['a', 'a'], NOW, 'far'))).toBe(0);
  });
});

describe('near reads', () => {
  it('give MORE where they would have to look at many rows, and the far ones tell', () => {
    const entries = Array.from({ length: 300 }, (_, i) => [`a.${i}.deep`, i] as const);
    for (const [key, value] of entries) store.run(putPlan(key, value, {}, NOW));
    expect(store.run(planKind('a', NOW, 'near'))).toBe(MORE);
    expect(kind('a')).toBe('none');
    expect(store.run(planGetString('a', NOW, 'near'))).toBe(MORE);
    expect(get('a')).toBeNull();
    set('a.zz', '1');
    expect([kind('a'), fields('a')]).toEqual(['hash', [['zz', '1']]]);
    expect(store.run(planGetHash('a', true, NOW, 'near'))).toBe(MORE);
  });

  it('do not read bit sets', () => {
    store.run(planSetTextBit('b', 7, 1, NOW));
    expect(store.run(planGetString('b', NOW, 'near'))).toBe(MORE);
    expect(get('b')).toEqual(new Uint8Array([1]));
  });
});

describe('typed values of other protocols', () => {
  it.each([
    [20, '20', 21n],
    [-0.5, '-0.5', null],
    [true, 'true', null],
    [7n, '7', 8n],
    ['41', '41', 42n],
    [[1, 2], '[1,2]', null],
  ])('%o reads as %s', (value, text, plusOne) => {
    store.run(putPlan('k', value, {}, NOW));
    expect(get('k')).toBe(text);
    const add = () => store.run(planAddInteger('k', 1n, NOW));
    if (plusOne === null) expect(add).toThrow('value is not an integer or out of range');
    else expect(add()).toBe(plusOne);
  });

  it('keep their kind of number', () => {
    const typeOf = () => store.read('SELECT type FROM "sluice.keys" WHERE path = ?', ['k'])[0]![0];
    store.run(putPlan('k', 1.5, {}, NOW));
    const double = typeOf();
    expect(store.run(planAddDecimal('k', '0.25', NOW))).toBe('1.75');
    expect(typeOf()).toBe(double);
    expect(store.run(planAppendText('k', Buffer.from('x'), NOW))).toBe(5);
    expect(get('k')).toBe('1.75x');
    expect(() => store.run(planAddInteger('k', 2n ** 63n - 1n, NOW))).toThrow('value is not an integer');
    set('k', '9223372036854775807');
    expect(() => store.run(planAddInteger('k', 1n, NOW))).toThrow('increment or decrement would overflow');
  });

  it('have the bits of their text', () => {
    set('k', '5');
    expect(store.run(planSetTextBit('k', 7, 0, NOW))).toBe(1);
    expect(get('k')).toEqual(new Uint8Array(Buffer.from('4')));
    expect(store.run(planCombineBits('not', 'n', ['k'], NOW))).toBe(1);
    expect(get('n')).toEqual(new Uint8Array([0xcb]));
  });
});

describe('what WATCH compares', () => {
  it('changes with the key, and with each of its fields', () => {
    const signature = () => store.run(planSignatures(['h'], NOW))[0];
    const seen = [signature()];
    for (const change of [
      () => hset('h', { f: '1' }),
      () => hset('h', { f: '1' }),
      () => hset('h', { g: '1' }),
      () => store.run(planRemoveKeys(['h.f'], NOW)),
      () => set('h', 'x'),
      () => set('h', 'x'),
    ]) {
      change();
      expect(seen).not.toContain(signature());
      seen.push(signature());
    }
    set('h.g.deep', 'x');
    set('other', 'x');
    expect(signature()).toBe(seen.at(-1));
  });
});

describe('SCAN', () => {
  it('goes over all keys once, within what a pattern begins with', () => {
    for (let i = 0; i < 25; i++) set(`key:${i}`, 'x');
    set('zzz', 'x');
    const found: string[] = [];
    for (let after: string | null = null, steps = 0; steps < 10; steps++) {
      const page: ScanPage = store.run(planScan('key:*', 'any', after, 10, NOW, 'near'));
      found.push(...page.keys);
      after = page.after;
      if (after === null) break;
    }
    expect(found.sort()).toEqual(Array.from({ length: 25 }, (_, i) => `key:${i}`).sort());
  });
});

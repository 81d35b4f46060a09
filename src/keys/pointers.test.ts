import { describe, expect, it } from 'vitest';
import { MAX_POINTER_HOPS } from '../limits.ts';
import { KeyMap } from './key-map.ts';
import { KeyPointer } from './values.ts';

function tree(entries: Readonly<Record<string, unknown>>): KeyMap {
  return new KeyMap(Object.entries(entries));
}

const to = (target: string): KeyPointer => new KeyPointer(target);

describe('a pointer', () => {
  const shop = tree({
    'order.0.buyer': to('user.001'),
    'order.0.seller': to('user.'),
    'order.1': to('order.0'),
    'user.001': 'the first',
    'user.001.name': 'zhang',
    'user.001.friend': to('user.002'),
    'user.002.name': 'li',
    'user.002.self': to('user.002.self2'),
    'user.002.self2': 'me',
  });

  it.each([
    [['order.0.buyer'], 'the first'],
    [['order.0.buyer', '.name'], 'zhang'],
    [['order.0.seller', '001.name'], 'zhang'],
    [['order.0.seller', '.001.name'], 'zhang'],
    [['order.0.buyer', '.friend', '.name'], 'li'],
    [['order.1', '.buyer', '.friend', '.name'], 'li'],
    [['order.0.buyer', '.friend', '.self'], 'me'],
    [['user.001.name'], 'zhang'],
    [['order.0.buyer', '.age'], undefined],
    [['order.9'], undefined],
  ])('%j leads to %j', ([key = '', ...subKeys], value) => {
    expect(shop.getPointer(key, ...subKeys)).toBe(value);
  });

  it.each([
    [['user.001.name', '.x'], 'no pointer, with 1 sub-key(s) left'],
    [
      ['order.0.buyer', '.name', '.x', '.y'],
      "the way ends at 'user.001.name', which is no pointer, with 2 sub-key(s) left",
    ],
    [['order.0.buyer', '..name'], 'a segment is empty'],
    [['order.0.buyer', '.*'], "'*' belongs to patterns"],
    [['order.0.buyer', 'x'.repeat(256)], 'longer than 256 bytes'],
    [['order..0'], 'a segment is empty'],
  ])('%j leads nowhere', ([key = '', ...subKeys], reason) => {
    expect(() => shop.getPointer(key, ...subKeys)).toThrow(
      expect.objectContaining({ code: 'SLUICE_BAD_KEY', message: expect.stringContaining(reason) }),
    );
  });

  it('shows the circle that it leads into, without the way to it', () => {
    const loop = tree({ start: to('a'), a: to('b'), b: to('c'), c: to('a'), self: to('self') });
    expect(() => loop.getPointer('start')).toThrow('Pointers lead in a circle: a -> b -> c -> a');
    expect(() => loop.getPointer('self')).toThrow('Pointers lead in a circle: self -> self');
    expect(() => loop.find('*', undefined, { point: true })).toThrow(
      expect.objectContaining({ code: 'SLUICE_POINTER_LOOP' }),
    );
  });

  it('may come back to a key while sub-keys are left: that is no circle', () => {
    const map = tree({ 'a.b': to('a'), 'a.c': 'found' });
    expect(map.getPointer('a.b', '.b', '.b', '.c')).toBe('found');
    expect(() => tree({ 'a.b': to('a.b') }).getPointer('a.b')).toThrow('a.b -> a.b');
  });

  it('leads over 1,000 others, and over as many as are allowed', () => {
    const chain = (hops: number): KeyMap =>
      new KeyMap(
        Array.from({ length: hops + 1 }, (_, i) => [`p.${i}`, i === hops ? 'end' : to(`p.${i + 1}`)] as const),
      );
    expect(chain(1000).getPointer('p.0')).toBe('end');
    expect(chain(MAX_POINTER_HOPS).getPointer('p.0')).toBe('end');
    expect(() => chain(MAX_POINTER_HOPS + 1).getPointer('p.0')).toThrow('more than 10000 pointers');
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { base64Of, bytesOfBase64, compareBytes, concatBytes, utf8Length } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('bytes', () => {
  it('of texts are counted as UTF-8 has them, halves of pairs too', () => {
    const unit = fc.constantFrom('a', '\u0000', '\u007f', 'é', '߿', 'ࠀ', '江', '\ufffd', '😀', '\ud83d', '\ude00');
    const check = (text: string): void => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    };
    fc.assert(fc.property(fc.string({ unit, maxLength: 12 }), check), { numRuns: 2000 });
  });

  it('are compared and joined as Buffer does it', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(concatBytes(a, b)).toEqual(new Uint8Array(Buffer.concat([a, b])));
      }),
    );
  });

  it.each(['a', 'ab', 'abc', 'abc=', '====', 'ab==cd==', 'a b=', 'ab-_'])('%s is no base64, or is', (text) => {
    expect(bytesOfBase64(text) === null).toBe(
      !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
    );
  });
});

describe('base64', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each(['with Buffer', 'without it, as in browsers'])('goes both ways, %s', async (how) => {
    if (how !== 'with Buffer') vi.stubGlobal('Buffer', undefined);
    vi.resetModules();
    const here = await import('./bytes.ts');
    vi.unstubAllGlobals();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (given) => {
        const text = here.base64Of(given);
        expect(text).toBe(Buffer.from(given).toString('base64'));
        expect(here.bytesOfBase64(text)).toEqual(given);
      }),
      { numRuns: 50 },
    );
    expect(base64Of(new Uint8Array(8).subarray(2, 5))).toBe('AAAA');
  });
});

import { expect, it } from 'vitest';
import { RESULT_BYTES } from '../limits.ts';
import { planFind } from './find-plans.ts';
import { boundedRows } from './plan.ts';
import { typeCode } from './values.ts';

it('rows that are too large for one answer are an error, not an answer', () => {
  const value = 'x'.repeat(2 * 1024 * 1024);
  const row = (i: number) => [`k.${i}`, typeCode('string'), value, 1, null];
  const rows = Array.from({ length: RESULT_BYTES / value.length }, (_, i) => row(i));
  const less = rows.slice(1);
  expect(boundedRows(less)).toBe(less);
  const tooLarge = expect.objectContaining({ code: 'SLUICE_BYTE_LIMIT', httpStatus: 413 });
  expect(() => boundedRows(rows)).toThrow(tooLarge);
  const steps = planFind('k.*', undefined, {}, 0).steps();
  steps.next();
  expect(() => steps.next(rows)).toThrow(tooLarge);
});

import { expect, it } from 'vitest';
import { phpSerialize } from './php-serialize.ts';

it("writes arrays of strings as the manual's rows hold them, lengths in bytes", () => {
  expect(phpSerialize({})).toBe('a:0:{}');
  expect(phpSerialize({ touser: '<a href="space.php?uid=395">江湖粉丝</a>' })).toBe(
    'a:1:{s:6:"touser";s:44:"<a href="space.php?uid=395">江湖粉丝</a>";}',
  );
});

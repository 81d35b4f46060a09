/** Times that keys expire at, as Redis' commands give them. */
import { bigOf } from './arguments.ts';
import { RedisError } from './redis-error.ts';

/** Seconds or milliseconds from now, or since 1970. */
export type TimeUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT';

/** What a JavaScript Date can show. */
const MAX_TIME_MS = 8_640_000_000_000_000n;

/** Throws Redis' `ERR invalid expire time in 'set' command` beyond what can be shown, and below `least`. */
export function expiryTime(
  argument: Buffer,
  unit: TimeUnit,
  command: string,
  least = -(2n ** 63n),
): { readonly ttlMs: number } | { readonly at: number } {
  const given = bigOf(argument);
  const ms = unit.startsWith('E') ? given * 1000n : given;
  if (given < least || ms > MAX_TIME_MS - BigInt(Date.now()) || ms < -MAX_TIME_MS)
    throw new RedisError(`ERR invalid expire time in '${command}' command`);
  return unit.endsWith('AT') ? { at: Number(ms) } : { ttlMs: Number(ms) };
}

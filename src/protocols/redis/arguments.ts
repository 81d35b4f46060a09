/** A command's arguments as what they are to be: each throws Redis' own error. */
import { isUtf8 } from 'node:buffer';
import { integerIn } from '../../keys/redis/text-values.ts';
import { NOT_AN_INTEGER, RedisError, SYNTAX } from './redis-error.ts';

/** A command as it came: its name, then its arguments. */
export type Arguments = readonly Buffer[];

/** A key, a field, a pattern: text in UTF-8. */
export function textOf(argument: Buffer): string {
  const text = argument.toString('utf8');
  if (text.includes('\ufffd') && !isUtf8(argument)) throw new RedisError('ERR a key is text in UTF-8');
  return text;
}

export function textsOf(args: Arguments, from: number, step = 1): string[] {
  const texts: string[] = [];
  for (let at = from; at < args.length; at += step) texts.push(textOf(args[at]!));
  return texts;
}

/** For names of options and of subcommands. */
export function wordOf(argument: Buffer): string {
  return argument.toString('latin1').toUpperCase();
}

/** An integer of 64 bits. */
export function bigOf(argument: Buffer, message = NOT_AN_INTEGER): bigint {
  const integer = argument.length > 20 ? null : integerIn(argument.toString('latin1'));
  if (integer === null) throw new RedisError(message);
  return BigInt(integer);
}

/** One that JavaScript can count with. */
export function integerOf(argument: Buffer, message = NOT_AN_INTEGER): number {
  const integer = argument.length > 20 ? null : integerIn(argument.toString('latin1'));
  if (typeof integer !== 'number') throw new RedisError(message);
  return integer;
}

/** Options after the fixed arguments, one by one; unknown ones are a syntax error. */
export class Options {
  readonly #args: Arguments;
  #at: number;

  constructor(args: Arguments, from: number) {
    this.#args = args;
    this.#at = from;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#args.length;
  }

  /** The next option's name in capitals. */
  word(): string {
    return wordOf(this.argument());
  }

  /** What belongs to the option before. */
  argument(): Buffer {
    const argument = this.#args[this.#at++];
    if (argument === undefined) throw new RedisError(SYNTAX);
    return argument;
  }
}

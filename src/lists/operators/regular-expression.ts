/** STRRX: a regular expression, unanchored; a leading `*` ignores case. */
import { failure } from '../../errors.ts';
import type { TextOperator } from './operator.ts';

/** POSIX classes, which Tokyo's expressions had and JavaScript's lack. They stand inside brackets: `[[:alpha:]_]`. */
const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: 'A-Fa-f0-9',
};

export const STRRX: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const expression = compile(operand);
    return (value) => expression.test(value);
  },
};

function compile(operand: string): RegExp {
  const ignoreCase = operand.startsWith('*');
  const source = (ignoreCase ? operand.slice(1) : operand).replace(
    /\[:([a-z]+):\]/g,
    (whole, name: string) => POSIX_CLASSES[name] ?? whole,
  );
  // `s`: as in POSIX, a point matches a line feed too.
  const flags = ignoreCase ? 'is' : 's';
  try {
    // By code points where the expression allows it; `u` refuses harmless escapes such as `\-` and `\_`.
    return new RegExp(source, `${flags}u`);
  } catch {
    return compileByUnits(source, flags, operand);
  }
}

function compileByUnits(source: string, flags: string, operand: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failure('ER_BAD_PARAMETER', `where: STRRX: '${operand.slice(0, 200)}' is no regular expression: ${reason}`);
  }
}

/** The operators by their names. Exact meanings: docs/lists.md, "Operators". */
import { FTSAND, FTSEX, FTSOR, FTSPH } from './full-text.ts';
import { NUMBT, NUMEQ, NUMGE, NUMGT, NUMLE, NUMLT, NUMOREQ } from './number.ts';
import type { Operator } from './operator.ts';
import { STRRX } from './regular-expression.ts';
import { STRBW, STREQ, STREW, STRINC } from './text.ts';
import { STRAND, STROR, STROREQ } from './text-tokens.ts';

export const OPERATORS = {
  STREQ,
  STRINC,
  STRBW,
  STREW,
  STRAND,
  STROR,
  STROREQ,
  STRRX,
  NUMEQ,
  NUMGT,
  NUMGE,
  NUMLT,
  NUMLE,
  NUMBT,
  NUMOREQ,
  FTSPH,
  FTSAND,
  FTSOR,
  FTSEX,
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof OPERATORS;

export function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(OPERATORS, name);
}

/**
 * Requests repeat but for their values. The text of a URL's query is cut into what stays the same, under which its plan is kept, and the values: operands
 * of where, and the limits. Reading a whole query anew takes five times as long (bench/t1-lists.ts).
 */

export interface CutQuery {
  /** Names everything but the values. */
  readonly key: string;
  /** Of the conditions, in their order. */
  readonly operands: readonly string[];
  /** null: not given, or not as a plain number: then it is part of the key. */
  readonly skip: number | null;
  readonly max: number | null;
}

/** Anything that would have to be decoded, unescaped or cut off. */
const NOT_PLAIN = /[%+#\\\u0080-\uffff]/;
const OPERAND = '\u0000';
const LIMIT = '\u0001';
const LIMIT_DIGITS_MAX = 9;

/** null: to be read in the usual way, as a whole. */
export function cutQuery(query: string): CutQuery | null {
  if (NOT_PLAIN.test(query)) return null;
  const operands: string[] = [];
  let key = '';
  let kept = 0;
  let skip: number | null = null;
  let max: number | null = null;
  for (let at = 0; at < query.length; ) {
    const ampersand = query.indexOf('&', at);
    const end = ampersand < 0 ? query.length : ampersand;
    if (query.startsWith('where=', at)) {
      if (operands.length > 0) return null;
      for (let from = at + 'where='.length; from < end; ) {
        const condition = cutCondition(query, from, end);
        if (condition === null) return null;
        operands.push(query.slice(condition.operand, condition.end));
        key += query.slice(kept, condition.operand) + OPERAND;
        kept = condition.end;
        from = condition.end + 1;
      }
    } else if (query.startsWith('limit_', at)) {
      const value = query.indexOf('=', at) + 1;
      const number = plainNumber(query, value, end);
      if (number !== null) {
        if (query.startsWith('limit_skip=', at) && skip === null) skip = number;
        else if (query.startsWith('limit_max=', at) && max === null) max = number;
        else return null;
        key += query.slice(kept, value) + LIMIT;
        kept = end;
      }
    }
    at = end + 1;
  }
  return { key: key + query.slice(kept), operands, skip, max };
}

/** `field:OP:operand`, up to the next `|` or the parameter's end. */
function cutCondition(query: string, from: number, end: number): { operand: number; end: number } | null {
  const field = query.indexOf(':', from);
  const operator = field < 0 ? -1 : query.indexOf(':', field + 1);
  if (operator < 0 || operator >= end) return null;
  const bar = query.indexOf('|', from);
  if (bar >= 0 && bar < operator) return null;
  return { operand: operator + 1, end: bar < 0 || bar > end ? end : bar };
}

function plainNumber(query: string, from: number, end: number): number | null {
  if (from === 0 || end <= from || end - from > LIMIT_DIGITS_MAX) return null;
  let number = 0;
  for (let at = from; at < end; at++) {
    const digit = query.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return null;
    number = number * 10 + digit;
  }
  return number;
}

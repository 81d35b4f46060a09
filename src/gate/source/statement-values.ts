/** The values of a statement, for rules and for the log. */
import { singleValue } from '../../sql/bind-values.ts';
import type { SlotValue } from '../../sql/slots.ts';
import { bindText } from '../../sql/syntax/bind-text.ts';
import { fingerprint } from '../../sql/syntax/fingerprint.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import type { Parameters, Request } from '../request.ts';

export type SqlRequest = Extract<Request, { kind: 'sql' | 'prepared' }>;

/** Literals and parameters, in the order of the text. Throws for what is no text of SQL, and for parameters that are missing. */
export function statementValues(request: SqlRequest, text: string, syntax: SyntaxOptions): readonly SlotValue[] {
  const { slots, hasLists } = fingerprint(text, syntax);
  const given: Parameters =
    request.kind === 'prepared' ? (request.boundValues?.() ?? request.parameters) : (request.parameters ?? []);
  if (hasLists)
    return fingerprint(bindText(text, syntax, given), syntax).slots.filter(
      (slot): slot is SlotValue => !('parameter' in slot),
    );
  return slots.map((slot) => ('parameter' in slot ? singleValue(given, slot.parameter) : slot));
}

/**
 * The operators as SQLite functions, for what SQLite's own text does not compute exactly. Every process that opens the store registers
 * these. All are pure. They take the value as text first, or as its UTF-8 bytes; NULL gives NULL, which is not true.
 */
import type { ColumnType } from '../stores/column-type.ts';
import type { ScalarFunction } from '../stores/function.ts';
import type { StoreValue } from '../stores/values.ts';
import { gramsFunction } from './grams.ts';
import { numberFromText } from './operators/number-from-text.ts';
import { OPERATORS, type OperatorName } from './operators/operators.ts';
import { storedNumber } from './operators/stored-number.ts';
import { type ListText, listText, type ValueForms } from './value-forms.ts';

/** Operands prepared and kept per operator: a statement asks with the same one for every row. */
const PREPARED_OPERANDS_MAX = 64;

/** `sluice_strand(value, operand)` and so on; named by OPERATOR_FUNCTION. */
function operatorFunction(name: OperatorName): ScalarFunction {
  const operator = OPERATORS[name];
  const prepared = new Map<string, (value: string) => boolean>();
  const prepare = (operand: string): ((value: string) => boolean) => {
    if (operator.kind === 'text') return operator.prepare(operand);
    const test = operator.prepare(operand);
    return (value) => test(numberFromText(value));
  };
  return {
    name: operatorFunctionName(name),
    deterministic: true,
    call(givenValue, givenOperand) {
      const value = textOf(givenValue);
      const operand = textOf(givenOperand);
      if (value === null || operand === null) return null;
      let test = prepared.get(operand);
      if (test === undefined) {
        if (prepared.size >= PREPARED_OPERANDS_MAX) prepared.clear();
        test = prepare(operand);
        prepared.set(operand, test);
      }
      return test(value) ? 1 : 0;
    },
  };
}

function textOf(value: StoreValue): string | null {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : null;
}

export function operatorFunctionName(name: OperatorName): string {
  return `sluice_${name.toLowerCase()}`;
}

/** `sluice_num(text)`: the number that a text reads as, in the form of stored-number.ts. */
const numberFunction: ScalarFunction = {
  name: 'sluice_num',
  deterministic: true,
  call: (value) => (typeof value === 'string' ? storedNumber(numberFromText(value)) : null),
};

export const LIST_FUNCTIONS: readonly ScalarFunction[] = [
  numberFunction,
  gramsFunction,
  ...(Object.keys(OPERATORS) as OperatorName[]).map(operatorFunction),
];

/**
 * `sluice_list_text(value, type)`: a stored value as the text that lists show, for columns whose stored form is not that text.
 * `type` is the column's type as JSON.
 */
export function listTextFunction(formatter: ValueForms['textFormatter']): ScalarFunction {
  const formatters = new Map<string, ListText>();
  return {
    name: 'sluice_list_text',
    deterministic: true,
    bigIntArguments: true,
    call(value, type) {
      if (value === undefined || typeof type !== 'string') return null;
      let format = formatters.get(type);
      if (format === undefined) {
        format = listText(JSON.parse(type) as ColumnType, formatter);
        formatters.set(type, format);
      }
      // Everywhere else integers arrive as numbers while they are safe.
      const safe = typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
      return format(safe);
    },
  };
}

/** All functions by name. A new family's list is added here and nowhere else. */
import type { StoreFunction } from '../../stores/function.ts';
import { AGGREGATE_FUNCTIONS, type AggregateDefinition } from './aggregate.ts';
import { CONTROL_FUNCTIONS } from './control.ts';
import { CONVERSION_FUNCTIONS } from './conversions.ts';
import { DATETIME_FUNCTIONS } from './datetime.ts';
import type { FunctionDefinition } from './definition.ts';
import { INFORMATION_FUNCTIONS } from './information.ts';
import { JSON_FUNCTIONS, JSON_STORE_FUNCTIONS } from './json.ts';
import { NUMERIC_FUNCTIONS } from './numeric.ts';
import { STRING_FUNCTIONS } from './string.ts';
import { WINDOW_FUNCTIONS, type WindowDefinition } from './window.ts';

const SCALAR_FUNCTIONS = [
  ...CONTROL_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...NUMERIC_FUNCTIONS,
  ...DATETIME_FUNCTIONS,
  ...INFORMATION_FUNCTIONS,
  ...JSON_FUNCTIONS,
];

const scalars = new Map(SCALAR_FUNCTIONS.map((definition) => [definition.name, definition]));
const aggregates = new Map(AGGREGATE_FUNCTIONS.map((definition) => [definition.name, definition]));
const windows = new Map(WINDOW_FUNCTIONS.map((definition) => [definition.name, definition]));

export function scalarFunction(name: string): FunctionDefinition | undefined {
  return scalars.get(name);
}

export function aggregateFunction(name: string): AggregateDefinition | undefined {
  return aggregates.get(name);
}

export function windowFunction(name: string): WindowDefinition | undefined {
  return windows.get(name);
}

/** What every SQLite connection registers before it runs planned text; one entry a name. */
export const SQL_STORE_FUNCTIONS: readonly StoreFunction[] = [
  ...new Map(
    [
      ...CONVERSION_FUNCTIONS,
      ...JSON_STORE_FUNCTIONS,
      ...SCALAR_FUNCTIONS.flatMap((definition) => definition.storeFunctions),
      ...AGGREGATE_FUNCTIONS.flatMap((definition) => definition.storeFunctions ?? []),
    ].map((definition) => [definition.name, definition]),
  ).values(),
];

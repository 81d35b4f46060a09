/** Lists take and give texts: SQL's conversions, handed to them. */
import type { ValueForms } from '../lists/value-forms.ts';
import { toColumn } from '../sql/values/convert.ts';
import { jsonFormatter, textFormatter } from '../sql/values/format.ts';
import { datetimeText, partsOfMicros } from '../sql/values/temporal.ts';
import { jsonText } from '../util/json-text.ts';

/** Lists have no session: strict, in UTC. */
export function listValueForms(): ValueForms {
  return {
    textFormatter,
    jsonFormatter: (type) => {
      const format = jsonFormatter(type);
      return (value) => jsonText(format(value));
    },
    toStored: (column, text, row) =>
      toColumn(column, { type: { kind: 'string' }, value: text }, row, {
        strict: true,
        offsetMinutes: 0,
        warn: () => undefined,
      }),
    currentTimestamp: (column, fsp) => {
      const step = 10 ** (6 - fsp);
      return datetimeText(partsOfMicros(Math.floor((Date.now() * 1000) / step) * step), column.type.scale ?? 0);
    },
  };
}

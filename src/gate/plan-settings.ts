/** A session's settings as the planner and the parser take them, and as a key of the plan cache. */
import type { PlanSettings } from '../sql/planner/plan-context.ts';
import type { SyntaxOptions } from '../sql/syntax/sql-mode.ts';
import type { SessionSettings } from '../sql/variables/settings.ts';
import type { ClientInfo } from './request.ts';

export interface PlanEnvironment {
  readonly settings: PlanSettings;
  readonly syntax: SyntaxOptions;
  /** Equal keys, equal settings. */
  readonly key: string;
}

export function planEnvironment(
  settings: SessionSettings,
  database: string | null,
  offsetMinutes: number,
  protocol: ClientInfo['protocol'],
): PlanEnvironment {
  const { sqlMode } = settings;
  const avenirTypes = protocol === 'json';
  return {
    key: `${database ?? ''}\0${settings.sqlModeText}\0${offsetMinutes}${avenirTypes ? '\0json' : ''}`,
    syntax: {
      ansiQuotes: sqlMode.ansiQuotes,
      noBackslashEscapes: sqlMode.noBackslashEscapes,
      pipesAsConcat: sqlMode.pipesAsConcat,
      highNotPrecedence: sqlMode.highNotPrecedence,
      realAsFloat: sqlMode.realAsFloat,
      avenirTypes,
    },
    settings: {
      database,
      strict: sqlMode.strict,
      noZeroAutoValue: sqlMode.noAutoValueOnZero,
      onlyFullGroupBy: sqlMode.onlyFullGroupBy,
      errorForDivisionByZero: sqlMode.errorForDivisionByZero,
      offsetMinutes,
      ansiQuotes: sqlMode.ansiQuotes,
      noBackslashEscapes: sqlMode.noBackslashEscapes,
      pipesAsConcat: sqlMode.pipesAsConcat,
    },
  };
}

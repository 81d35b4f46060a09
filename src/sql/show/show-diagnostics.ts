/** SHOW WARNINGS, SHOW ERRORS and their counts: what the statement before left. */
import type { Warning } from '../../stores/statement.ts';
import type { ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import { bigintUnsigned, intUnsigned, text } from '../information-schema/define.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { showResult, slotValue } from './show-result.ts';

export function showWarnings(ast: ShowAst, context: ExecutionContext): VirtualTable {
  return diagnostics(context.session.warnings, ast, context);
}

export function showErrors(ast: ShowAst, context: ExecutionContext): VirtualTable {
  return diagnostics(errorsOf(context), ast, context);
}

function errorsOf({ session }: ExecutionContext): Warning[] {
  return session.warnings.filter((warning) => warning.level === 'Error');
}

function diagnostics(warnings: readonly Warning[], ast: ShowAst, context: ExecutionContext): VirtualTable {
  const offset = ast.limit?.offset === undefined ? 0 : Number(slotValue(ast.limit.offset, context));
  const end = ast.limit === undefined ? undefined : offset + Number(slotValue(ast.limit.count, context));
  const columns = [text('Level', 7), intUnsigned('Code'), text('Message', 512)];
  const rows = warnings.slice(offset, end).map(({ level, errno, message }) => ({
    Level: level,
    Code: errno,
    Message: message,
  }));
  return showResult(columns, rows);
}

export function showWarningCount(_: ShowAst, { session }: ExecutionContext): VirtualTable {
  return count('@@session.warning_count', session.warnings.length);
}

export function showErrorCount(_: ShowAst, context: ExecutionContext): VirtualTable {
  return count('@@session.error_count', errorsOf(context).length);
}

function count(name: string, value: number): VirtualTable {
  return showResult([bigintUnsigned(name)], [{ [name]: value }]);
}

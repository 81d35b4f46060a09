/** Which variables SET may change, and in which scope. */
import { failure, SluiceError } from '../../errors.ts';
import type { VariableDefinition, VariableScope } from './variable.ts';

/** Throws as MySQL does: 1238 (read only), 1228 and 1229 (of the other scope). */
export function checkSettable({ name, readOnly, scope: has }: VariableDefinition, scope: VariableScope): void {
  if (readOnly === true) throw failure('ER_INCORRECT_GLOBAL_LOCAL_VAR', name, 'read only');
  if (scope === 'global') {
    if (has === 'session')
      throw wrongScope(`Variable '${name}' is a SESSION variable and can't be used with SET GLOBAL`);
    return;
  }
  if (has === 'global') throw wrongScope(`Variable '${name}' is a GLOBAL variable and should be set with SET GLOBAL`);
  if (readOnly === 'session')
    throw wrongScope(`SESSION variable '${name}' is read-only. Use SET GLOBAL to assign the value`);
}

function wrongScope(text: string): SluiceError {
  return new SluiceError('ER_INCORRECT_GLOBAL_LOCAL_VAR', text);
}

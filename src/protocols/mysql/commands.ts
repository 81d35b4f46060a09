/** Which function serves which command byte. A function answers at once, or gives a promise where it must wait; what it throws is
 * sent. */

import { COMMAND } from '../../util/mysql-packets/constants.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import type { Client } from './client.ts';
import { comQuery } from './com-query.ts';
import {
  comChangeUser,
  comDebug,
  comFieldList,
  comInitDb,
  comPing,
  comProcessKill,
  comQuit,
  comResetConnection,
  comSetOption,
  comStatistics,
} from './com-session.ts';
import {
  comStmtClose,
  comStmtExecute,
  comStmtFetch,
  comStmtPrepare,
  comStmtReset,
  comStmtSendLongData,
} from './com-stmt.ts';

export type Command = (client: Client, payload: Payload) => void | Promise<void>;

const BY_NAME: Readonly<Record<keyof typeof COMMAND, Command>> = {
  COM_QUIT: comQuit,
  COM_INIT_DB: comInitDb,
  COM_QUERY: comQuery,
  COM_FIELD_LIST: comFieldList,
  COM_STATISTICS: comStatistics,
  COM_PROCESS_KILL: comProcessKill,
  COM_DEBUG: comDebug,
  COM_PING: comPing,
  COM_CHANGE_USER: comChangeUser,
  COM_STMT_PREPARE: comStmtPrepare,
  COM_STMT_EXECUTE: comStmtExecute,
  COM_STMT_SEND_LONG_DATA: comStmtSendLongData,
  COM_STMT_CLOSE: comStmtClose,
  COM_STMT_RESET: comStmtReset,
  COM_SET_OPTION: comSetOption,
  COM_STMT_FETCH: comStmtFetch,
  COM_RESET_CONNECTION: comResetConnection,
};

/** By command byte; undefined for those that do not exist or are not served. */
export const COMMANDS: readonly (Command | undefined)[] = tableByCode();

function tableByCode(): (Command | undefined)[] {
  const table: (Command | undefined)[] = new Array(256).fill(undefined);
  for (const [name, code] of Object.entries(COMMAND)) table[code] = BY_NAME[name as keyof typeof COMMAND];
  return table;
}

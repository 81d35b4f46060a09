import { type Logger, pino } from 'pino';
import type { LogLevel } from '../config.ts';

const STANDARD_ERROR = 2;

/** JSON lines on standard error: standard output is for the lines that tell what `serve` opened. */
export function createLog(level: LogLevel): Logger {
  return pino({ level, base: { pid: process.pid } }, pino.destination({ dest: STANDARD_ERROR, sync: true }));
}

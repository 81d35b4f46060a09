/**
 * Golden scripts: a statement, then `----` and what it answers, then an empty line. A statement may begin with the name of a session,
 * `alice> SELECT 1;`; `bob waits> ...` is one that is not answered yet, and `bob answers;` is where its answer is expected.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { GateSession } from '../../../src/gate/session.ts';
import { type Answer, answerText } from '../../differential/support/answer.ts';
import { type EmbeddedGate, runIn } from '../../differential/support/sluice-side.ts';

export interface ScriptStep {
  /** Comments, empty lines and the statement, as written. */
  readonly head: string;
  readonly session: string;
  readonly mode: 'run' | 'waits' | 'answers';
  readonly sql: string;
  readonly expected: string;
  readonly line: number;
}

const STEP = /^(?:(\w+)(?: (waits))?> )?([\s\S]*);$/;
const ANSWERS = /^(\w+) answers$/;

export function parseScript(text: string): ScriptStep[] {
  const steps: ScriptStep[] = [];
  const lines = text.split('\n');
  let head: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '----') {
      head.push(lines[i] as string);
      continue;
    }
    const answer: string[] = [];
    while (i + 1 < lines.length && lines[i + 1] !== '') answer.push(lines[++i] as string);
    steps.push(stepOf(head, answer.join('\n'), i + 1));
    head = [];
  }
  if (head.some((line) => line.trim() !== '' && !line.startsWith('--')))
    throw new Error(`a statement without ---- and an answer: ${head.join(' ').trim()}`);
  return steps;
}

function stepOf(head: readonly string[], expected: string, line: number): ScriptStep {
  const statement = head
    .filter((text) => !text.startsWith('--'))
    .join('\n')
    .trim();
  const match = STEP.exec(statement);
  if (match === null) throw new Error(`line ${line}: a statement must end with a semicolon: ${statement}`);
  const [, session = 'main', waits, sql = ''] = match;
  const common = { head: head.join('\n'), expected, line };
  const answers = ANSWERS.exec(sql);
  if (answers !== null) return { ...common, session: answers[1] as string, mode: 'answers', sql };
  return { ...common, session, mode: waits === undefined ? 'run' : 'waits', sql };
}

/** How long a statement that is said to wait is watched. */
const WATCHED_MS = 60;

export class ScriptRunner {
  readonly #gate: EmbeddedGate;
  readonly #sessions = new Map<string, GateSession>();
  readonly #waiting = new Map<string, Promise<string>>();

  constructor(gate: EmbeddedGate) {
    this.#gate = gate;
  }

  /** What the step answers, in the script's form. */
  async run(step: ScriptStep): Promise<string> {
    if (step.mode === 'answers') {
      const waiting = this.#waiting.get(step.session);
      if (waiting === undefined) throw new Error(`line ${step.line}: ${step.session} does not wait`);
      this.#waiting.delete(step.session);
      return waiting;
    }
    const session = this.#session(step.session);
    const answer = runIn(session, step.sql).then((result) => answerLines(result, session.warnings.length));
    if (step.mode === 'run') return answer;
    this.#waiting.set(step.session, answer);
    return Promise.race([answer, pause(WATCHED_MS).then(() => 'waits')]);
  }

  #session(name: string): GateSession {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = this.#gate.openSession();
      session.useDatabase('d');
      this.#sessions.set(name, session);
    }
    return session;
  }
}

function answerLines(answer: Answer, warnings: number): string {
  const noted =
    warnings === 0 || answer.kind === 'error'
      ? ''
      : `${answer.kind === 'rows' ? '\n' : ', '}${warnings} warning${warnings === 1 ? '' : 's'}`;
  if (answer.kind === 'rows') return `${table(answer)}${noted}`;
  if (answer.kind === 'error') return answerText(answer);
  const rows = answer.affected === 0 ? '' : `, ${answer.affected} row${answer.affected === 1 ? '' : 's'}`;
  return `ok${rows}${answer.insertId === '0' ? '' : `, id ${answer.insertId}`}${noted}`;
}

/** Columns one below the other; line feeds inside values are shown as \n. */
function table({ columns, rows }: Extract<Answer, { kind: 'rows' }>): string {
  const lines = [columns.map((column) => column.name), ...rows.map((row) => row.map((cell) => cell ?? 'NULL'))].map(
    (line) => line.map((cell) => cell.replaceAll('\n', '\\n')),
  );
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => Array.from(line[i] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - Array.from(cell).length))
      .join(' | ')
      .trimEnd(),
  );
  return [text[0], widths.map((width) => '-'.repeat(width)).join('-+-'), ...text.slice(1)].join('\n');
}

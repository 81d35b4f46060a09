/** Runs the golden scripts of this folder, each over a new embedded store. UPDATE=1 writes what is answered into them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedGate } from '../differential/support/sluice-side.ts';
import { parseScript, ScriptRunner } from './support/script.ts';

const FOLDER = new URL('.', import.meta.url).pathname;
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));

describe('golden scripts', () => {
  it.each(scripts)('%s', async (name) => {
    const path = join(FOLDER, name);
    const text = readFileSync(path, 'utf8');
    const steps = parseScript(text);
    const gate = await embeddedGate();
    const written: string[] = [];
    try {
      const runner = new ScriptRunner(gate);
      for (const step of steps) {
        const answer = await runner.run(step);
        written.push(`${step.head}\n----\n${answer}\n`);
        if (process.env.UPDATE === undefined)
          expect(answer, `${name}, line ${step.line}: ${step.sql}`).toBe(step.expected);
      }
    } finally {
      await gate.close();
    }
    if (process.env.UPDATE !== undefined) writeFileSync(path, written.join(''));
  });
});

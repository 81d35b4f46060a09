import { describe, expect, it } from 'vitest';
import { Progress } from './progress.ts';

function record(isTTY: boolean): { output: { isTTY: boolean; write(text: string): void }; texts: string[] } {
  const texts: string[] = [];
  return { output: { isTTY, write: (text) => void texts.push(text) }, texts };
}

describe('Progress', () => {
  it('redraws one line on a terminal and ends it', () => {
    const { output, texts } = record(true);
    const progress = new Progress({ label: 'rows', total: 200, output });
    for (let done = 0; done <= 200; done++) progress.update(done);
    progress.end();
    expect(texts[0]).toMatch(/^\rrows ░{30} 0 % \(0 of 200\)/);
    expect(texts.at(-2)).toMatch(/^\rrows █{30} 100 % \(200 of 200\)/);
    expect(texts.at(-1)).toBe('\n');
    expect(texts.slice(0, -1).join('')).not.toContain('\n');
  });

  it('writes four lines at most elsewhere', () => {
    const { output, texts } = record(false);
    const progress = new Progress({ label: 'rows', total: 100_000, output });
    for (let done = 0; done <= 100_000; done += 1000) progress.update(done);
    progress.end();
    expect(texts.map((text) => text.replace(/ [\d.]+ s\n$/, ''))).toEqual([
      'rows: 25 % (25,000 of 100,000)',
      'rows: 50 % (50,000 of 100,000)',
      'rows: 75 % (75,000 of 100,000)',
      'rows: 100 % (100,000 of 100,000)',
    ]);
  });

  it('has nothing to wait for when there is nothing to do', () => {
    const { output, texts } = record(false);
    const progress = new Progress({ label: 'rows', total: 0, output });
    progress.end();
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^rows: 100 % \(0 of 0\)/);
  });
});

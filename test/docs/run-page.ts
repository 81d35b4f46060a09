/** Runs a page's blocks, in their order, and gives the page with the outputs that they had. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIR } from '../structure/sources.ts';
import { tryCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { outputText, type RunnableBlock, readPage, runnableBlocks } from './page.ts';

type Ports = Pick<SluiceServer, 'httpPort' | 'mysqlPort'> & { readonly jsonPort?: number };

/** What stands in pages for what differs from run to run. */
const TOKEN = 'dIXkGyrmNmFf0jIVIVD0jIQC';
const VERSION = '"version":4711';

/** @throws when a block fails, with what it printed */
export async function runPage(page: string, ports: Ports): Promise<string> {
  const folder = makeTempDir('docs');
  // As after `npm install sluice mysql2 @planetscale/database`.
  mkdirSync(join(folder.path, 'node_modules'));
  symlinkSync(PROJECT_DIR, join(folder.path, 'node_modules', 'sluice'), 'dir');
  for (const name of ['mysql2', '@planetscale'])
    symlinkSync(join(PROJECT_DIR, 'node_modules', name), join(folder.path, 'node_modules', name), 'dir');
  let text = readPage(page);
  try {
    let shift = 0;
    for (const block of runnableBlocks(text)) {
      const printed = await runBlock(block, folder.path, ports);
      if (block.output === null) continue;
      const { start, end } = block.output;
      const output = outputText(block.output, printed);
      text = text.slice(0, start + shift) + output + text.slice(end + shift);
      shift += output.length - (end - start);
    }
  } finally {
    folder.remove();
  }
  return text;
}

async function runBlock({ language, code }: RunnableBlock, folder: string, ports: Ports): Promise<string> {
  const own = code
    .replaceAll('127.0.0.1:3888', `127.0.0.1:${ports.httpPort}`)
    .replaceAll('port: 3307', `port: ${ports.mysqlPort}`)
    .replaceAll('port: 3889', `port: ${ports.jsonPort}`);
  const { code: exitCode, stdout, stderr } = await tryCommand(...commandOf(language, own, folder));
  if (exitCode !== 0) throw new Error(`exit code ${exitCode} of\n${own}\n${stdout}\n${stderr}`);
  const ended = stdout.endsWith('\n') ? stdout : `${stdout}\n`;
  return ended.replaceAll(/"session":"[\w-]{24}"/g, `"session":"${TOKEN}"`).replaceAll(/"version":\d+/g, VERSION);
}

function commandOf(language: RunnableBlock['language'], code: string, folder: string): Parameters<typeof tryCommand> {
  const options = { cwd: folder };
  switch (language) {
    case 'sh':
      return ['bash', ['-euo', 'pipefail', '-c', code], options];
    case 'js':
      return ['node', [writeProgram(folder, 'program.mjs', code)], options];
    case 'python': {
      const env = { PYTHONPATH: join(PROJECT_DIR, 'clients', 'python'), PYTHONDONTWRITEBYTECODE: '1' };
      return ['python3', [writeProgram(folder, 'program.py', code)], { ...options, env }];
    }
  }
}

function writeProgram(folder: string, name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

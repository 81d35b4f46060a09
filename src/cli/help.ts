/** What `--help` prints. */
import type { Command } from './command.ts';

export function helpText(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'usage: sluice COMMAND [flags]',
    '',
    ...list,
    '',
    '`sluice COMMAND --help` tells the flags of a command, `sluice --version` the version.',
    '',
  ].join('\n');
}

export function commandHelpText(command: Command): string {
  const left = command.flags.map(
    ({ flag, placeholder }) => `--${flag}${placeholder === null ? '' : ` ${placeholder}`}`,
  );
  const width = Math.max(...left.map((text) => text.length));
  const lines = command.flags.map(({ help, defaultText = '' }, index) => {
    return `  ${left[index]?.padEnd(width)}  ${help}${defaultText === '' ? '' : ` (${defaultText})`}`;
  });
  return [
    `usage: sluice ${command.name} ${command.usage}`,
    '',
    `${command.summary}.`,
    '',
    ...lines,
    ...(command.name === 'serve' ? ['', ...SOURCES] : []),
    '',
  ].join('\n');
}

const SOURCES = [
  'Each flag can also be set as SLUICE_<FLAG> in the environment (SLUICE_MYSQL_PORT) and in the file that --config names',
  '(mysql_port = 3307). A flag wins over the environment, the environment over the file.',
];

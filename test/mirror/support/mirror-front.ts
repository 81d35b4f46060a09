/** A process with a mirror, to be killed. Arguments: the source's port, directory. Prints a line when its tables are live. */
import { startMirror } from './mirror-under-test.ts';
import { TABLES } from './workload.ts';

const [port = '', directory = ''] = process.argv.slice(2);
const { until } = await startMirror(Number(port), directory, TABLES);
for (const { table } of TABLES) await until(table, 'live');
process.stdout.write('live\n');

/**
 * Writes at a steady rate to the feed of a MariaDB, from a process of its own: inserts, and a third as many updates. Arguments: port, writes a second, seconds, first number. Prints
 * when each write was answered, as [number, time], in the nanoseconds that all processes of a machine count.
 */
import { createConnection } from 'mysql2/promise';

const CONNECTIONS = 16;
/** No multiple of 4: inserts only are so far away from an update. */
const UPDATED_BEFORE = 203;
const [port, perSecond, seconds, first] = process.argv.slice(2).map(Number) as [number, number, number, number];
const connections = await Promise.all(
  Array.from({ length: CONNECTIONS }, () =>
    createConnection({ host: '127.0.0.1', port, user: 'root', database: 'feed' }),
  ),
);
const answered: [number, number][] = [];
const free = [...connections];
const total = perSecond * seconds;
const startedAt = performance.now();
let begun = 0;
let done = 0;

async function write(number: number): Promise<void> {
  const connection = free.pop()!;
  // A row that was inserted a tenth of a second ago.
  if (number % 4 === 3 && number > UPDATED_BEFORE)
    await connection.execute('UPDATE item SET likes = ? WHERE id = ?', [number, first + number - UPDATED_BEFORE]);
  else
    await connection.execute(
      'INSERT INTO item (id, user, kind, title, body, likes, at, price, n) VALUES (?, ?, ?, ?, ?, -1, NOW(), 9.99, ?)',
      [first + number, number % 5000, number % 5, `title ${number}`, `body of the row ${number}`, number],
    );
  answered.push([number, Number(process.hrtime.bigint())]);
  free.push(connection);
  done++;
}

while (done < total) {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
  while (begun < due && free.length > 0) write(begun++);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const tookSeconds = (performance.now() - startedAt) / 1_000;
await Promise.all(connections.map((connection) => connection.end()));
process.stdout.write(JSON.stringify({ answered, perSecond: total / tookSeconds }));

// A page of the demo's feed and its count, by any MySQL driver: npm start, then node examples/feed.mjs [port]
// In a project of your own: npm install mysql2.
import mysql from 'mysql2/promise';

const connection = await mysql.createConnection({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 3307),
  user: 'root',
  database: 'main',
});

const hot = 3;
const [counts] = await connection.execute('SELECT COUNT(*) AS stories FROM feed WHERE hot >= ?', [hot]);
const [stories] = await connection.execute(
  'SELECT pkey, username, icon, hot FROM feed WHERE hot >= ? ORDER BY dateline DESC, pkey LIMIT 5',
  [hot],
);
console.log(counts, stories);
await connection.end();

// Sluice inside a program: node examples/embedded.mjs [directory]
// In a project of your own: npm install sluice.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'sluice';

const db = open(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'sluice-example-')));

await db.sql(`CREATE TABLE IF NOT EXISTS account (
  name VARCHAR(30) PRIMARY KEY,
  balance DECIMAL(10,2) NOT NULL CHECK (balance >= 0)
)`);
await db.sql("REPLACE INTO account VALUES ('ann', 100), ('ben', 20)");

/**
 * Moves an amount, or nothing: a failure in between rolls back what was done before.
 * @param {{ from: string, to: string, amount: number }} transfer
 */
function move({ from, to, amount }) {
  return db.transaction(async () => {
    await db.sql('UPDATE account SET balance = balance + ? WHERE name = ?', [amount, to]);
    await db.sql('UPDATE account SET balance = balance - ? WHERE name = ?', [amount, from]);
  });
}

await move({ from: 'ann', to: 'ben', amount: 30.5 });
await move({ from: 'ben', to: 'ann', amount: 1000 }).catch((error) => console.log(`refused: ${error.message}`));

const { rows } = await db.sql('SELECT name, balance FROM account ORDER BY name');
for (const { name, balance } of rows) console.log(`${name} ${balance}`);
await db.close();

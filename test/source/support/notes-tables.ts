/** The tables that tests of annotations change: a composite key, one that the source makes, one of text, and no key. */
import type { Connection } from 'mysql2/promise';

const TABLES: Readonly<Record<string, string>> = {
  story: 'eid INT, id INT, name VARCHAR(20), PRIMARY KEY (eid, id)',
  item: 'id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), n INT NOT NULL DEFAULT 0',
  word: 'w VARCHAR(30) PRIMARY KEY, n INT',
  loose: 'a INT, b INT',
};

/** In a database `notes`, which the session uses from then on. `more`: definitions of further tables. */
export async function createNotes(client: Connection, more: Readonly<Record<string, string>>): Promise<void> {
  await client.query('CREATE DATABASE notes');
  await client.query('USE notes');
  for (const [name, columns] of Object.entries({ ...TABLES, ...more }))
    await client.query(`CREATE TABLE ${name} (${columns})`);
}

/** Puts some rows into those with keys, and empties the others. */
export async function fillNotes(client: Connection, more: readonly string[]): Promise<void> {
  for (const table of [...Object.keys(TABLES), ...more]) await client.query(`TRUNCATE ${table}`);
  await client.query("INSERT INTO story VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')");
  await client.query("INSERT INTO item (name) VALUES ('a'), ('b'), ('c')");
  await client.query("INSERT INTO word VALUES ('it''s', 1), ('ü\\\\', 2)");
}

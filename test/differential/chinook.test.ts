/** The Chinook sample database: its script loaded into MariaDB and into Sluice, and analytic queries that must agree, columns included. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitStatements } from '../../src/sql/syntax/split-statements.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { answerText, type Side } from './support/answer.ts';
import { difference } from './support/compare.ts';
import { mariadbSide } from './support/mariadb-side.ts';
import { sluiceSide } from './support/sluice-side.ts';

const DATABASE = 'Chinook_AutoIncrement';
const TABLES = {
  Album: 347,
  Artist: 275,
  Customer: 59,
  Employee: 8,
  Genre: 25,
  Invoice: 412,
  InvoiceLine: 2240,
  MediaType: 5,
  Playlist: 18,
  PlaylistTrack: 8715,
  Track: 3503,
};

const QUERIES: Record<string, string> = {
  'revenue by country': `SELECT BillingCountry, COUNT(*) AS invoices, SUM(Total) AS revenue, ROUND(AVG(Total), 2) AS average
    FROM Invoice GROUP BY BillingCountry HAVING COUNT(*) > 7 ORDER BY revenue DESC, BillingCountry`,
  'best artists by joins of four tables': `SELECT ar.Name, SUM(il.UnitPrice * il.Quantity) AS revenue, COUNT(DISTINCT al.AlbumId) AS albums
    FROM InvoiceLine il JOIN Track t ON t.TrackId = il.TrackId JOIN Album al ON al.AlbumId = t.AlbumId
    JOIN Artist ar ON ar.ArtistId = al.ArtistId GROUP BY ar.ArtistId, ar.Name ORDER BY revenue DESC, ar.Name LIMIT 10`,
  'artists without albums': `SELECT ar.ArtistId, ar.Name FROM Artist ar LEFT JOIN Album al ON al.ArtistId = ar.ArtistId
    WHERE al.AlbumId IS NULL ORDER BY ar.ArtistId LIMIT 15`,
  'customers above the average': `SELECT c.CustomerId, CONCAT(c.FirstName, ' ', c.LastName) AS customer, SUM(i.Total) AS total
    FROM Customer c JOIN Invoice i USING (CustomerId) GROUP BY c.CustomerId, customer
    HAVING SUM(i.Total) > (SELECT SUM(Total) / COUNT(DISTINCT CustomerId) FROM Invoice) ORDER BY total DESC, c.CustomerId`,
  'longest track of each genre': `SELECT g.Name, t.Name AS track, t.Milliseconds FROM Genre g JOIN Track t ON t.GenreId = g.GenreId
    WHERE t.Milliseconds = (SELECT MAX(x.Milliseconds) FROM Track x WHERE x.GenreId = g.GenreId) ORDER BY g.Name, t.TrackId`,
  'revenue by month': `SELECT DATE_FORMAT(InvoiceDate, '%Y-%m') AS month, SUM(Total) AS revenue, MIN(InvoiceDate) AS first,
    DATEDIFF(MAX(InvoiceDate), MIN(InvoiceDate)) AS days FROM Invoice GROUP BY month ORDER BY month`,
  'revenue by year and quarter': `SELECT YEAR(InvoiceDate) AS y, QUARTER(InvoiceDate) AS q, COUNT(*), SUM(Total), AVG(Total)
    FROM Invoice GROUP BY y, q ORDER BY y, q`,
  'ranks within a country': `SELECT BillingCountry, CustomerId, SUM(Total) AS total,
    RANK() OVER (PARTITION BY BillingCountry ORDER BY SUM(Total) DESC) AS place FROM Invoice GROUP BY BillingCountry, CustomerId
    ORDER BY BillingCountry, place, CustomerId LIMIT 30`,
  'running total': `SELECT InvoiceId, Total, SUM(Total) OVER (ORDER BY InvoiceId) AS running,
    LAG(Total) OVER (ORDER BY InvoiceId) AS before_it, ROW_NUMBER() OVER (ORDER BY Total DESC, InvoiceId) AS n
    FROM Invoice ORDER BY InvoiceId LIMIT 25`,
  'common tables': `WITH sales AS (SELECT t.GenreId, SUM(il.Quantity) AS sold FROM InvoiceLine il JOIN Track t USING (TrackId) GROUP BY t.GenreId),
    best AS (SELECT MAX(sold) AS most FROM sales)
    SELECT g.Name, s.sold, ROUND(100 * s.sold / b.most, 1) AS share FROM sales s JOIN Genre g USING (GenreId) CROSS JOIN best b
    ORDER BY s.sold DESC, g.Name`,
  'managers of managers': `WITH RECURSIVE chain AS (SELECT EmployeeId, LastName, ReportsTo, 0 AS depth FROM Employee WHERE ReportsTo IS NULL
    UNION ALL SELECT e.EmployeeId, e.LastName, e.ReportsTo, c.depth + 1 FROM Employee e JOIN chain c ON e.ReportsTo = c.EmployeeId)
    SELECT depth, COUNT(*), GROUP_CONCAT(LastName ORDER BY LastName SEPARATOR '; ') FROM chain GROUP BY depth ORDER BY depth`,
  'set operations': `SELECT City FROM Customer UNION SELECT City FROM Employee EXCEPT SELECT BillingCity FROM Invoice ORDER BY City`,
  'cities of both kinds': `SELECT Country FROM Customer INTERSECT SELECT Country FROM Employee ORDER BY Country`,
  'derived tables': `SELECT size, COUNT(*) AS playlists, MIN(n), MAX(n), AVG(n) FROM (SELECT p.PlaylistId, COUNT(pt.TrackId) AS n,
    CASE WHEN COUNT(pt.TrackId) = 0 THEN 'empty' WHEN COUNT(pt.TrackId) < 100 THEN 'small' ELSE 'large' END AS size
    FROM Playlist p LEFT JOIN PlaylistTrack pt USING (PlaylistId) GROUP BY p.PlaylistId) sizes GROUP BY size ORDER BY size`,
  'tracks never sold': `SELECT COUNT(*) FROM Track t WHERE NOT EXISTS (SELECT 1 FROM InvoiceLine il WHERE il.TrackId = t.TrackId)`,
  'text functions': `SELECT UPPER(LEFT(Name, 3)) AS head, COUNT(*), MAX(LENGTH(Name)), MAX(CHAR_LENGTH(Name)) FROM Track
    WHERE Name LIKE 'The %' GROUP BY head ORDER BY 2 DESC, head LIMIT 5`,
  'columns of every type': `SELECT * FROM Track WHERE Composer IS NULL AND Milliseconds > 3000000 ORDER BY TrackId LIMIT 5`,
  'employees and their ages': `SELECT LastName, TIMESTAMPDIFF(YEAR, BirthDate, HireDate) AS age, DAYNAME(HireDate), HireDate + INTERVAL 90 DAY
    FROM Employee ORDER BY EmployeeId`,
};

let mariadb: Side;
let sluice: Side;
let server: SluiceServer;

/** Throws what to set when the script is not there: the test is not to be skipped in silence. */
function chinookScript(): string {
  const path = process.env.CHINOOK_SQL ?? join(PROJECT_DIR, '..', 'shared', 'data', 'chinook-mysql.sql');
  if (!existsSync(path)) {
    throw new Error(
      `The Chinook script is not at ${path}. Set CHINOOK_SQL to Chinook_MySql_AutoIncrementPKs.sql of https://github.com/lerocha/chinook-database`,
    );
  }
  return readFileSync(path, 'utf8');
}

beforeAll(async () => {
  const script = chinookScript();
  [mariadb, sluice, server] = await Promise.all([mariadbSide(), sluiceSide(), startSluice()]);
  for (const statement of splitStatements(script)) {
    const [expected, actual] = await Promise.all([mariadb.run(statement), sluice.run(statement)]);
    const kinds = [expected.kind, actual.kind];
    expect(kinds, `${statement.slice(0, 200)}: ${answerText(actual)}`).toEqual(['ok', 'ok']);
  }
  // Through the stock client, as a user would.
  await mysqlClient({ port: server.mysqlPort }, script);
});

afterAll(async () => {
  await Promise.all([mariadb?.close(), sluice?.close(), server?.stop()]);
});

describe('Chinook', () => {
  it.each(Object.entries(TABLES))('%s has %i rows', async (table, rows) => {
    const sql = `SELECT COUNT(*) AS n FROM ${table}`;
    const [expected, actual] = await Promise.all([mariadb.run(sql), sluice.run(sql)]);
    expect(expected).toMatchObject({ rows: [[String(rows)]] });
    expect(actual).toMatchObject({ rows: [[String(rows)]] });
    expect(await mysqlClient({ port: server.mysqlPort, database: DATABASE }, sql)).toBe(`n\n${rows}\n`);
  });

  it.each(Object.entries(QUERIES))('%s', async (_name, sql) => {
    const [expected, actual] = await Promise.all([mariadb.run(sql), sluice.run(sql)]);
    expect(expected).toMatchObject({ kind: 'rows' });
    expect(difference(expected, actual)).toBeNull();
  });
});

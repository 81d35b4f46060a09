// The live feed in a browser: npm start, then node examples/live-feed/serve.mjs [port [Sluice's HTTP port]], then http://127.0.0.1:8080
//
// What a site's own server does: it serves the page, passes the lists on to Sluice, so that page and lists are of one origin, and writes on behalf of
// its users, so that browsers send no SQL. Its users would log in; here everybody is the one who has written most.
import { createReadStream } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { connect } from 'sluice/client';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const [port = 8080, sluicePort = 3888] = process.argv.slice(2).map(Number);
const db = connect(`http://127.0.0.1:${sluicePort}`);

const PAGE = new URL('./', import.meta.url);
/** The folder of the client library, compiled: what it imports is below it. */
const CLIENT = new URL('../', import.meta.resolve('sluice/client'));
/** @type {Record<string, string>} */
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css' };

const me = await whoIsHere();

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const route = `${request.method} ${pathname}`;
  try {
    if (route.startsWith('GET /v1/lists/')) passOn(request, response);
    else if (route === 'GET /me') response.end(JSON.stringify(me));
    else if (route === 'POST /stories') await post(request, response);
    else if (/^POST \/stories\/\d+\/warm$/.test(route)) await warm(Number(pathname.split('/')[2]), response);
    else serveFile(pathname === '/' ? '/index.html' : pathname, response);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

/** The one who has written most, and sixty friends. */
async function whoIsHere() {
  const { rows } = await db.sql(
    'SELECT uid, username FROM main.feed GROUP BY uid, username ORDER BY COUNT(*) DESC, uid LIMIT 61',
  );
  const [first, ...friends] = /** @type {{ uid: number, username: string }[]} */ (rows);
  if (first === undefined) throw new Error('main.feed is empty: start Sluice with npm start');
  return { ...first, friends: friends.map(({ uid }) => uid) };
}

/** The answer may be a stream that goes on for hours: it ends when either side ends it. */
function passOn(/** @type {Request} */ { url, headers }, /** @type {Response} */ response) {
  const passed = ask({ host: '127.0.0.1', port: sluicePort, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  passed.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => passed.destroy());
  passed.end();
}

async function post(/** @type {Request} */ request, /** @type {Response} */ response) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const text = String(JSON.parse(body).text).slice(0, 140);
  const data = `a:1:{s:7:"message";s:${Buffer.byteLength(text)}:"${text}";}`;
  await db.sql(
    `INSERT INTO main.feed (icon, uid, username, dateline, title_template, title_data)
      VALUES ('doing', ?, ?, UNIX_TIMESTAMP(), '{actor}:{message}', ?)`,
    [me.uid, me.username, data],
  );
  response.writeHead(204).end();
}

async function warm(/** @type {number} */ pkey, /** @type {Response} */ response) {
  await db.sql('UPDATE main.feed SET hot = hot + 1 WHERE pkey = ?', [pkey]);
  response.writeHead(204).end();
}

/** `/page.js` of this folder, `/sluice/client/index.js` of the client library. */
function serveFile(/** @type {string} */ pathname, /** @type {Response} */ response) {
  const [, isClient, name, extension] = /^\/(sluice\/)?((?:[\w-]+\/)*[\w-]+\.(\w+))$/.exec(pathname) ?? [];
  const type = TYPES[extension ?? ''];
  if (name === undefined || type === undefined) {
    response.writeHead(404).end();
    return;
  }
  createReadStream(new URL(name, isClient === undefined ? PAGE : CLIENT))
    .on('open', () => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }))
    .on('error', () => response.writeHead(404).end())
    .pipe(response);
}

server.listen(port, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});

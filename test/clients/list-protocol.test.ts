/** TCSQL's protocol with the commands of its manual, as they stand there but for the port: curl, PHP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEED_COLUMNS, FEED_TABLE_SQL } from '../../src/demo/feed.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { runCommand } from '../support/run-command.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

/** The manual's record: a PHP array that was given to json_encode. */
const RECORD = `{"pkey":1,"appid":3,"icon":"profile","uid":2,"username":"wangduo","dateline":1251768576,"friend":0,"hash_template":"3a7101a64ea7927f0b3f5179b7a457b3","hash_data":"ec7d775d9211880bca2ba1d401e3bcb9","title_template":"{actor} 开通了自己的个人主页","title_data":"a:0:{}","body_template":"","body_data":"a:0:{}","body_general":"","image_1":"","image_1_link":"","image_2":"","image_2_link":"","image_3":"","image_3_link":"","image_4":"","image_4_link":"","target_ids":"","id":0,"idtype":"","hot":0}`;

/** The same, as the manual prints it for `curl -d`. */
const ENCODED_RECORD =
  '%7B%22pkey%22%3A1%2C%22appid%22%3A3%2C%22icon%22%3A%22profile%22%2C%22uid%22%3A2%2C%22username%22%3A%22wangduo%22%2C%22dateline%22%3A1251768576%2C%22friend%22%3A0%2C%22hash_template%22%3A%223a7101a64ea7927f0b3f5179b7a457b3%22%2C%22hash_data%22%3A%22ec7d775d9211880bca2ba1d401e3bcb9%22%2C%22title_template%22%3A%22%7Bactor%7D%20%E5%BC%80%E9%80%9A%E4%BA%86%E8%87%AA%E5%B7%B1%E7%9A%84%E4%B8%AA%E4%BA%BA%E4%B8%BB%E9%A1%B5%22%2C%22title_data%22%3A%22a%3A0%3A%7B%7D%22%2C%22body_template%22%3A%22%22%2C%22body_data%22%3A%22a%3A0%3A%7B%7D%22%2C%22body_general%22%3A%22%22%2C%22image_1%22%3A%22%22%2C%22image_1_link%22%3A%22%22%2C%22image_2%22%3A%22%22%2C%22image_2_link%22%3A%22%22%2C%22image_3%22%3A%22%22%2C%22image_3_link%22%3A%22%22%2C%22image_4%22%3A%22%22%2C%22image_4_link%22%3A%22%22%2C%22target_ids%22%3A%22%22%2C%22id%22%3A0%2C%22idtype%22%3A%22%22%2C%22hot%22%3A0%7D';

/** All values are texts in answers, in the order of the columns. */
const ROW: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(JSON.parse(RECORD) as Record<string, string | number>).map(([name, value]) => [name, String(value)]),
);

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
});

afterAll(() => server.stop());

/** What a URL of the manual is, here. */
const here = (url: string): string => url.replace('http://127.0.0.1:3888', server.httpUrl);

async function curl(url: string, ...args: string[]): Promise<string> {
  return (await runCommand('curl', ['-sS', '--globoff', ...args, here(url)])).stdout;
}

async function rows(url: string): Promise<Record<string, string>[]> {
  return JSON.parse(await curl(url)) as Record<string, string>[];
}

const ALL = 'http://127.0.0.1:3888/?command=select&type=*';
const FIRST = `${ALL}&where=pkey:NUMEQ:1`;

describe.each([
  ['a table of its own, made by the first insert', null],
  ["the demo's SQL table", FEED_TABLE_SQL],
])("the manual's commands on %s", (_name, tableSql) => {
  beforeAll(async () => {
    const make = tableSql === null ? '' : `USE main; ${tableSql};`;
    await mysqlClient({ port: server.mysqlPort }, `DROP DATABASE IF EXISTS main; CREATE DATABASE main; ${make}`);
  });

  it('insert, URL-encoded by curl -d, and read back equal', async () => {
    const answer = await curl('http://127.0.0.1:3888/?command=insert', '-d', ENCODED_RECORD);
    expect(JSON.parse(answer)).toMatchObject({ ok: true, affected: 1 });
    const text = await curl(FIRST);
    expect(text).toBe(JSON.stringify([ROW]));
    expect(Object.keys(ROW)).toEqual([...FEED_COLUMNS]);
  });

  it('insert as plain JSON; an existing pkey is replaced whole', async () => {
    const other = RECORD.replace('"hot":0', '"hot":9');
    const args = ['-H', 'content-type: application/json', '-d', other];
    expect(JSON.parse(await curl('http://127.0.0.1:3888/?command=insert', ...args))).toMatchObject({ ok: true });
    expect(await rows(FIRST)).toEqual([{ ...ROW, hot: '9' }]);
    await curl('http://127.0.0.1:3888/?command=insert', '-d', RECORD);
    expect(await rows(FIRST)).toEqual([ROW]);
  });

  it('insert of many, and the select of the manual', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      ...ROW,
      pkey: String(i + 2),
      uid: String(i % 3),
      hot: String(i % 5),
    }));
    await curl('http://127.0.0.1:3888/?command=insert', '--data-binary', JSON.stringify(many));
    const found = await rows(
      'http://127.0.0.1:3888/?command=select&type=*&where=pkey:NUMGE:0|title_template:STRINC:actor&order_by=pkey&order_sort=NUMDESC&limit_skip=0&limit_max=10',
    );
    expect(found.map((row) => row.pkey)).toEqual(['31', '30', '29', '28', '27', '26', '25', '24', '23', '22']);
    expect(found[0]).toEqual({ ...ROW, pkey: '31', uid: '2', hot: '4' });
    expect(
      await curl('http://127.0.0.1:3888/?command=select&type=count&where=pkey:NUMGE:0|title_template:STRINC:actor'),
    ).toBe('31');
  });

  it('the four queries of the social network', async () => {
    const order = 'order_by=dateline&order_sort=NUMDESC&limit_skip=0&limit_max=100';
    const count = async (where: string): Promise<number> => (await rows(`${ALL}&where=${where}&${order}`)).length;
    expect(await count('uid:NUMOREQ:0,57,48,60263,43,89163,42,74,91,93,94,105,106,109')).toBe(10);
    expect(await count('uid:NUMEQ:2')).toBe(11);
    expect(await count('hot:NUMGE:3')).toBe(12);
    expect(await count('')).toBe(31);
  });

  it('update and delete', async () => {
    const update = 'http://127.0.0.1:3888/?command=update&type=*&where=pkey:NUMGT:20';
    expect(JSON.parse(await curl(update, '-d', encodeURIComponent('{"pkey":1,"icon":"new"}')))).toMatchObject({
      ok: true,
      affected: 11,
    });
    expect(new Set((await rows(`${ALL}&where=icon:STREQ:new`)).map((row) => row.pkey)).size).toBe(11);
    const remove = 'http://127.0.0.1:3888/?command=delete&type=*&where=pkey:NUMGT:20';
    expect(JSON.parse(await curl(remove))).toEqual({ ok: true, affected: 11 });
    expect(await curl('http://127.0.0.1:3888/?command=select&type=count')).toBe('20');
  });

  it("PHP's file_get_contents and json_decode", async () => {
    const script = `
      $url = $argv[1];
      $rows = json_decode(file_get_contents("$url/?command=select&type=*&where=pkey:NUMEQ:1"), true);
      $post = fn (string $body) => stream_context_create(['http' => ['method' => 'POST', 'content' => $body,
        'header' => 'Content-Type: application/x-www-form-urlencoded']]);
      $rows[0]['pkey'] = 77;
      $rows[0]['username'] = "O'Neill|七~夜:";
      foreach ([urlencode(json_encode($rows[0])), json_encode($rows[0])] as $body) {
        $answer = json_decode(file_get_contents("$url/?command=insert", false, $post($body)), true);
        if ($answer['ok'] !== true) throw new Exception("not ok");
      }
      $where = urlencode('username:STREQ:O\\'Neill\\\\|七~夜\\\\:');
      echo file_get_contents("$url/?command=select&type=*&where=$where");`;
    const { stdout } = await runCommand('php', ['-r', script, '--', server.httpUrl]);
    expect(JSON.parse(stdout)).toEqual([{ ...ROW, pkey: '77', username: "O'Neill|七~夜:" }]);
  });

  it('the same rows through SQL', async () => {
    const answer = await mysqlClient(
      { port: server.mysqlPort, database: 'main' },
      'SELECT pkey, username FROM feed WHERE pkey IN (1, 77) ORDER BY pkey + 0',
    );
    expect(answer).toBe("pkey\tusername\n1\twangduo\n77\tO'Neill|七~夜:\n");
  });
});

describe('mistakes', () => {
  it('are told with a status and a message', async () => {
    for (const query of [
      'command=nothing',
      'command=select&type=*&where=uid:WHAT:1',
      'command=insert',
      'command=delete',
      '',
    ]) {
      const response = await fetch(`${server.httpUrl}/?${query}`, {
        method: query === 'command=insert' ? 'POST' : 'GET',
      });
      expect(response.status, query).toBe(400);
      expect(await response.json(), query).toMatchObject({
        error: { message: expect.stringMatching(/./), retryable: false },
      });
    }
  });
});

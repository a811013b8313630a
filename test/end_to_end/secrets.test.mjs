// What clients and APIs keep secret is told to nobody: not to clients, not in the log, not by the admin API, not in metrics.
import assert from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { request } from './kit/client.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';
import { RawClient } from './kit/raw_client.mjs';

/// Words that are found again wherever they stand.
const marks = ['authorization', 'cookie', 'api-key', 'query', 'bare-query', 'body', 'session', 'referer', 'thrown', 'said', 'header']
  .map((of) => `MARK-${of}-${Math.random().toString(36).slice(2)}`);
const [authorization, cookie, api_key, query, bare_query, body, session, referer, thrown, said, header] = marks;

const secrets = {
  'authorization': `Bearer ${authorization}`, 'cookie': `sid=${cookie}`, 'x-api-key': api_key, 'x-session': session,
  'referer': `http://127.0.0.1/?token=${referer}`, 'content-type': 'application/json',
};
const path = `/notes/1?token=${query}&${bare_query}`;

/// An API that says all that it knows, and fails.
const api = http.createServer((req, res) => {
  const fails = req.url.startsWith('/fails');
  const fields = { 'content-type': 'text/plain', 'x-exception': header };
  if (fails) return res.writeHead(500, fields).end(`Error: ${thrown}\n    at pay (/srv/app/shop.js:10:5)\n${JSON.stringify(req.headers)} ${req.url}`);
  if (req.url.startsWith('/denied')) return res.writeHead(403, fields).end(`Error: ${said}\n    at pay (/srv/app/shop.js:10:5)`);
  if (req.url.startsWith('/cut')) return res.writeHead(200, { ...fields, 'content-length': 100 }).write('x', () => res.destroy());
  res.writeHead(200, { 'content-type': 'text/plain' }).end('x');
});

/// `gatehouse explain ...`, to its end.
async function explain(...args) {
  const child = new ChildProcess(file_scope, program, ['explain', ...args]);
  await within(child.exited, 'explain');
  return child.output;
}

describe('secrets', { skip: without_gateway }, () => {
  const answers = [];
  let gatehouse, admin, telemetry;
  before(async () => {
    await new Promise((resolve) => api.listen(0, '127.0.0.1', resolve));
    file_scope.after(() => {
      api.close();
      api.closeAllConnections();
    });
    const config = '[errors]\nupstream_4xx = "replace_leaks"\n[cors]\norigins = ["https://app.example"]\n[limits]\nmax_body = "1KiB"\n' +
      '[admin]\nlisten = "127.0.0.1:0"\n[telemetry]\nlisten = "127.0.0.1:0"\n';
    gatehouse = await startGatehouse(file_scope, { to: `http://127.0.0.1:${api.address().port}`, config });
    const note = await until(() => gatehouse.records().find((r) => r.event === 'admin'), 'the admin listener');
    admin = note.text.match(/http:\S+$/)[0];
    [, telemetry] = await gatehouse.says(/telemetry on (http:\/\/127\.0\.0\.1:\d+)/);

    const ask = async (options) => answers.push(await request(gatehouse.url, { path, ...options, headers: { ...secrets, ...options.headers } }));
    await ask({});
    await ask({ method: 'POST', body: JSON.stringify({ password: body }) });
    await ask({ method: 'POST', body: body.repeat(100) });                          // 413
    await ask({ path: `/fails?token=${query}&${bare_query}` });                     // its 500 is replaced
    await ask({ path: `/denied?token=${query}` });                                  // its 403 leaks
    await ask({ headers: { host: 'evil.example' } });                               // 421
    await ask({ headers: { origin: 'https://evil.example' } });                     // not readable
    await ask({ method: 'POST', body, headers: { 'origin': 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
    await ask({ method: 'OPTIONS', headers: { 'origin': 'https://evil.example', 'access-control-request-method': 'PUT' } });
    await assert.rejects(ask({ path: `/cut?token=${query}` }));
    for (const head of [
      `GET ${path} HTTP/1.1\r\nHost: a\r\nHost: b\r\nAuthorization: Bearer ${authorization}\r\n\r\n`,
      `GET ${path} HTTP/9.9\r\nCookie: ${cookie}\r\n\r\n`,
      `GET /a%00?token=${query} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${api_key}\r\n\r\n`,
      `POST /notes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key : ${api_key}\r\nContent-Length: 3\r\n\r\n${body}`,
      `POST /notes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${body}\r\n`,
    ]) {
      const client = await RawClient.connect(file_scope, gatehouse.port);
      answers.push(await client.send(head).response());
    }
  });

  const assertSilent = (text, where, told = marks) => {
    for (const mark of told) {
      const at = text.indexOf(mark);
      assert.equal(at, -1, `${mark} ${where}: ${text.slice(Math.max(0, at - 200), at + 80)}`);
    }
  };

  test('no client reads them', () => {
    assert.deepEqual(answers.map((a) => a.status), [200, 200, 413, 500, 403, 421, 200, 403, 403, 400, 505, 400, 400, 400]);
    for (const a of answers) assertSilent(`${JSON.stringify(a.fields)}\n${a.body}`, 'in an answer');
  });

  test('the log has none of them, but what a failing API said, where that belongs', async () => {
    await until(() => gatehouse.records().filter((r) => r.event === 'request').length >= answers.length + 1, 'all requests in the log');
    const originals = gatehouse.records().filter((r) => r.event === 'upstream-error');
    assert.equal(originals.length, 2);
    assert.ok(originals[0].text.includes(thrown) && originals[1].text.includes(said));
    // What the API was sent and repeats is taken out.
    for (const { text } of originals) assertSilent(text, 'in what the API said', marks.filter((mark) => mark !== thrown && mark !== said));
    assertSilent(gatehouse.output.split('\n').filter((line) => !line.includes('"event":"upstream-error"')).join('\n'), 'in the log');
  });

  test('the admin API and explain have none of them', async () => {
    const list = await request(admin, { path: '/decisions?limit=1000' });
    assert.equal(list.status, 200);
    assertSilent(list.body.toString(), 'in the decisions');
    const ids = answers.map((a) => a.get('x-request-id'));
    for (const id of ids.slice(2)) {
      for (const accept of ['application/json', 'text/plain']) assertSilent((await request(admin, { path: `/decisions/${id}`, headers: { accept } })).body.toString(), `in the decision ${id}`);
    }
    assertSilent((await request(admin, { path: '/denied-origins' })).body.toString(), 'in the denied origins');
    const text = await explain(ids[5], '-c', join(gatehouse.folder, 'gatehouse.toml'), '--admin', admin);
    assert.match(text, /host/i);
    assertSilent(text, 'in what is explained');
  });

  test('the metrics have none of them', async () => {
    const metrics = (await request(telemetry, { path: '/metrics' })).body.toString();
    assert.match(metrics, /gatehouse_decisions_total\{decision="refused",reason="upstream.leak-replaced"\} 1\n/);
    assertSilent(metrics, 'in the metrics');
  });
});

// CORS through the running program: every answer that a listed origin's page gets is one that it may read, whoever made it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { exchange } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';

const page = 'http://localhost:3000';
const stranger = 'http://localhost:5173';

/// An API that does CORS itself, and wrongly: whatever it says must not reach a browser.
async function startApi() {
  const api = http.createServer((q, r) => {
    api.asked.push(`${q.method} ${q.url}`);
    const status = Number(/^\/status\/(\d+)/.exec(q.url)?.[1] ?? 200);
    r.writeHead(status, {
      'Access-Control-Allow-Origin': '*',
      'access-control-allow-credentials': 'true',
      'Timing-Allow-Origin': '*',
      Vary: 'Accept',
      ...(status >= 300 && status < 400 && status !== 304 ? { Location: '/elsewhere' } : {}),
    });
    r.end(status === 204 || status === 304 ? undefined : `status ${status}`);
  });
  api.asked = [];
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  file_scope.after(() => (api.closeAllConnections(), api.close()));
  return Object.assign(api, { url: `http://127.0.0.1:${api.address().port}` });
}

function assertReadable(r, origin, vary = 'Accept, Origin') {
  assert.deepEqual(r.all('access-control-allow-origin'), [origin]);
  assert.deepEqual(r.all('access-control-allow-credentials'), ['true']);
  assert.deepEqual(r.all('timing-allow-origin'), []);
  assert.deepEqual(r.all('vary'), [vary]);
}
function assertUnreadable(r, vary = 'Accept, Origin') {
  assert.deepEqual(r.fields.filter(([n]) => /^access-control|^timing-allow/i.test(n)), []);
  assert.deepEqual(r.all('vary'), [vary]);
}

describe('cors', { skip: without_gateway }, () => {
  let api, gateway, absent;
  before(async () => {
    api = await startApi();
    gateway = await startGatehouse(file_scope, {
      to: api.url,
      config: '[limits]\nmax_body = "4KiB"\n',
      args: ['--allow-origin', page, '--allow-credentials'],
    });
    const gone = await RecordingUpstream.start(file_scope);
    await gone.stop();
    absent = await startGatehouse(file_scope, { to: gone.url, args: ['--allow-origin', page, '--allow-credentials'] });
  });

  for (const status of [200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 404, 405, 413, 422, 429, 500, 503]) {
    test(`the API's ${status} is readable by the page, and by nobody else`, async () => {
      const path = `/status/${status}`;
      const allowed = await request(gateway.url, { path, headers: { Origin: page } });
      assert.equal(allowed.status, status);
      assertReadable(allowed, page);
      assertUnreadable(await request(gateway.url, { path, headers: { Origin: stranger } }));
      assertUnreadable(await request(gateway.url, { path }));
    });
  }

  test('what Gatehouse refuses is readable', async () => {
    const large = await request(gateway.url, { method: 'POST', headers: { Origin: page, 'Content-Length': 5000 }, body: 'x'.repeat(5000) });
    assert.equal(large.status, 413);
    assertReadable(large, page, 'Origin');
    const away = await request(absent.url, { headers: { Origin: page } });
    assert.equal(away.status, 502);
    assertReadable(away, page, 'Origin');
    const foreign = await request(gateway.url, { headers: { Origin: page, Host: 'evil.example' } });
    assert.equal(foreign.status, 421);
    assertReadable(foreign, page, 'Origin');
    const long = await request(gateway.url, { path: `/${'a'.repeat(5000)}`, headers: { Origin: page } });
    assert.equal(long.status, 414);
    assertReadable(long, page, 'Origin');
  });

  test('what could not be parsed is not', async (t) => {
    const answer = await exchange(t, gateway.port, `GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: ${page}\r\nA: b\r\n c\r\n\r\n`);
    assert.equal(answer.status, 400);
    assert.equal(answer.fields.filter(([n]) => /^access-control/i.test(n)).length, 0);
  });

  test('a preflight never reaches the API, allowed or not', async () => {
    const before = api.asked.length;
    const ask = (origin, method, headers) => request(gateway.url, {
      method: 'OPTIONS',
      path: '/notes/1',
      headers: { Origin: origin, 'Access-Control-Request-Method': method, ...(headers ? { 'Access-Control-Request-Headers': headers } : {}) },
    });
    const allowed = await ask(page, 'PUT', 'authorization,content-type');
    assert.equal(allowed.status, 204);
    const vary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
    assertReadable(allowed, page, vary);
    assert.deepEqual(allowed.all('access-control-allow-methods'), ['GET, HEAD, POST, PUT, PATCH, DELETE']);
    assert.match(allowed.get('access-control-allow-headers'), /(^|, )authorization(,|$)/);
    assert.deepEqual(allowed.all('access-control-max-age'), ['600']);
    for (const denied of [await ask(stranger, 'PUT'), await ask(page, 'PURGE'), await ask(page, 'PUT', 'x-evil')]) {
      assert.equal(denied.status, 403);
      assertUnreadable(denied, vary);
      assert.deepEqual(Object.keys(denied.json()).sort(), ['instance', 'status', 'title', 'type']);
      assert.equal(denied.json().type, 'about:blank');
    }
    assert.equal(api.asked.length, before);
    const plain = await request(gateway.url, { method: 'OPTIONS', path: '/plain', headers: { Origin: page } });
    assert.equal(plain.status, 200);
    assert.equal(api.asked.at(-1), 'OPTIONS /plain');
  });

  test('a policy that is tried changes nothing, and what it would change is logged and counted', async (t) => {
    const tried = await startGatehouse(t, {
      to: api.url,
      config: `[cors]
origins = ["${page}"]
[cors_next]
origins = ["${stranger}"]
`,
    });
    const of_page = await request(tried.url, { path: '/of-page', headers: { Origin: page } });
    const of_stranger = await request(tried.url, { path: '/of-stranger', headers: { Origin: stranger } });
    assert.deepEqual(of_page.all('access-control-allow-origin'), [page]);
    assert.deepEqual(of_stranger.all('access-control-allow-origin'), []);
    const line = (path) => until(() => tried.records().find((r) => r.path === path), 'the line');
    const denied = await line('/of-page');
    assert.deepEqual([denied.status, denied.would_refuse, denied.cors_next, denied.origin],
      [200, 'cors.origin-not-allowed', 'would_deny', page]);
    const allowed = await line('/of-stranger');
    assert.deepEqual([allowed.status, allowed.unreadable, allowed.cors_next], [200, 'cors.origin-not-allowed', 'would_allow']);
  });

  test('the log tells what the page was denied', async () => {
    const answer = await request(gateway.url, { path: '/denied-in-log', headers: { Origin: stranger } });
    assert.equal(answer.status, 200);
    const line = await until(() => gateway.records().find((r) => r.path === '/denied-in-log'), 'the line');
    assert.equal(line.unreadable, 'cors.origin-not-allowed');
    assert.equal(line.origin, stranger);
    assert.equal(line.reason, undefined);
  });

  test('embedding is open to the site', async () => {
    const answer = await request(gateway.url);
    assert.deepEqual(answer.all('cross-origin-resource-policy'), ['same-site']);
  });

  test('a route replaces the whole policy; enforce, report_only, pass and nobody', async () => {
    const other = await startGatehouse(file_scope, {
      to: api.url,
      config: `
[cors]
origins = ["${page}"]
credentials = true
[[route]]
match = "/public/*"
cors = { origins = ["*"] }
[[route]]
match = "/enforced/*"
cors = { origins = ["${page}"], enforce = true }
[[route]]
match = "/watched/*"
cors = { origins = ["${page}"], report_only = true }
[[route]]
match = "/own/*"
cors = { upstream_headers = "pass" }
[[route]]
match = "/closed/*"
cors = { origins = [] }
[[route]]
match = "/read-only/*"
methods = ["GET"]
`,
    });
    const get = (path, origin = stranger, more = {}) => request(other.url, { path, headers: { Origin: origin, ...more } });
    const open = await get('/public/a');
    assert.deepEqual(open.all('access-control-allow-origin'), ['*']);
    assert.deepEqual(open.all('access-control-allow-credentials'), []);
    assert.deepEqual(open.all('vary'), ['Accept']);
    assert.equal((await get('/enforced/a')).status, 403);
    assert.equal((await get('/enforced/a', page)).status, 200);
    assert.equal((await get('/enforced/a', other.url)).status, 200);  // its own page
    assert.equal((await request(other.url, { path: '/enforced/a' })).status, 200);
    assert.deepEqual((await get('/watched/a')).all('access-control-allow-origin'), ['*']);
    assert.deepEqual((await get('/own/a')).all('access-control-allow-origin'), ['*']);
    assertUnreadable(await get('/closed/a', page));
    const ask = (path, method) => request(other.url, { method: 'OPTIONS', path, headers: { Origin: page, 'Access-Control-Request-Method': method } });
    assert.equal((await ask('/read-only/a', 'PUT')).status, 403);
    const readable = await request(other.url, { method: 'POST', path: '/read-only/a', headers: { Origin: page } });
    assert.equal(readable.status, 405);
    assert.deepEqual(readable.all('access-control-allow-origin'), [page]);
    const watched = await until(() => other.records().find((r) => r.path === '/watched/a'), 'the line');
    assert.equal(watched.would_refuse, 'cors.origin-not-allowed');
  });

  test('flags that are wrong are said to be, with what to write', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cors-'));
    writeFileSync(join(folder, 'notes.txt'), '');
    const run = (...args) => spawnSync(program, ['run', '--to', 'http://127.0.0.1:9', ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    const rows = [
      [['--allow-origin', 'localhost:3000'], '--allow-origin: error[missing-scheme]', 'write: --allow-origin http://localhost:3000'],
      [['--allow-origin', 'http://localhost:3000/'], 'error[trailing-slash]', 'write: --allow-origin http://localhost:3000'],
      [['--allow-any-origin', '--allow-credentials'], '--allow-any-origin: error[any-origin-with-credentials]', ''],
      [['--allow-origin', page, '--allow-any-origin'], 'error[redundant-origin]', ''],
      [['--allow-credentials'], 'error[missing-origins]', 'origins = ["https://app.example.com"]'],
      [['--allow-origin', page, '--allow-method', 'patch'], '--allow-method: error[method-in-lower-case]', 'write: --allow-method PATCH'],
      [['--allow-origin', page, '--allow-header', 'Cookie'], '--allow-header: error[forbidden-header]', ''],
      [['--allow-origin', 'notes.txt'], 'the shell made it of a * without quotes', '--allow-any-origin'],
      [['--allow-orign', page], 'has no option "--allow-orign"; did you mean --allow-origin?', ''],
      [['--cors', page], 'use --allow-origin URL', ''],
    ];
    for (const [args, ...says] of rows) {
      const r = run(...args);
      assert.equal(r.status, 2, args.join(' '));
      for (const what of says) assert.ok(r.stderr.includes(what), `${what} in ${r.stderr}`);
    }
    rmSync(folder, { recursive: true });
  });
});

// What reaches clients of an API's errors, its types, its links and the fields that name its software.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { request } from './kit/client.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { assertProblem } from './kit/security_headers.mjs';

/// A Node API that answers `/NAME` with answers[NAME](response, its own port).
async function startNode(hooks, answers) {
  const server = http.createServer((req, res) => answers[new URL(req.url, 'http://x').pathname.slice(1)](res, server.address().port, req));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  hooks.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

const thrown = () => {
  try {
    null.x;
  } catch (e) {
    return e.stack;
  }
};
const pieces = async (res, ...all) => {
  for (const piece of all) await new Promise((resolve) => res.write(piece, resolve));
  res.end();
};
const answers = {
  'stack': (res) => res.writeHead(500, { 'content-type': 'text/plain' }).end(thrown()),
  'stack-json': (res) => res.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: 'x', stack: thrown() })),
  'stack-404': (res) => res.writeHead(404, { 'content-type': 'text/plain' }).end(thrown()),
  'refused': (res) => http.get('http://127.0.0.1:1/').on('error', (e) => res.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '7' }).end(String(e))),
  'gzip': (res) => res.writeHead(500, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('Sorry.')),
  'large': (res) => res.writeHead(500, { 'content-type': 'text/plain' }).end('x'.repeat(200_000)),
  'pieces': (res) => pieces(res.writeHead(500, { 'content-type': 'text/plain' }), 'Traceback (most rec', 'ent call last):', '\n  more'),
  'bland': (res) => res.writeHead(500, { 'content-type': 'application/json', 'x-own': '1' }).end('{"error":"Try again in 5 minutes."}'),
  'bland-pieces': (res) => pieces(res.writeHead(500, { 'content-type': 'application/json' }), '{"error":', '"Try again."}'),
  'bland-404': (res) => res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1><a href="/app/main.js">x</a>'),
  'problem': (res) => res.writeHead(503, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: '/errors/stock', title: 'Out of stock', status: 200, detail: '3 are left.', instance: '/users/1', trace: thrown(), exception: 'E', path: '/srv' })),
  'problem-leaks': (res) => res.writeHead(500, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ title: 'x', detail: 'connect ECONNREFUSED 10.0.0.7:5432' })),
  'problem-broken': (res) => res.writeHead(500, { 'content-type': 'application/problem+json' }).end('{"title":'),
  'untyped': (res) => res.end('<script>alert(1)</script>'),
  'untyped-empty': (res) => res.end(),
  'untyped-204': (res) => res.writeHead(204).end(),
  'redirect': (res, port) => res.writeHead(302, { location: `http://localhost:${port}/notes?a=b` }).end(),
  'redirect-away': (res) => res.writeHead(302, { location: 'https://example.com/' }).end(),
  'redirect-open': (res, port) => res.writeHead(302, { location: `http://127.0.0.1:${port}//evil.example/` }).end(),
  'links': (res, port) => res.setHeader('content-type', 'text/plain').setHeader('content-location', `http://127.0.0.1:${port}/links`)
    .setHeader('link', `<http://127.0.0.1:${port}/next>; rel=next, <https://example.com/>; rel=help`).end('x'),
  'names': (res) => res.writeHead(200, {
    'content-type': 'text/plain', 'server': 'Werkzeug/3.0', 'x-powered-by': 'Express', 'x-runtime': '0.01', 'x-backend-server': 'a1',
    'x-debug-token-link': '/x', 'server-timing': 'db;dur=5', 'sourcemap': '/x.map', 'x-own': '1',
  }).end('x'),
};
const own_words = /TypeError|ECONNREFUSED|errors\.test\.mjs|Traceback|127\.0\.0\.1|10\.0\.0\.7/;

/// The title of each status, or what passed.
const rows = {
  '': {
    'stack': [500, 'replaced'], 'bland': [500, 'replaced'], 'gzip': [500, 'replaced'], 'stack-404': [404, 'passed'], 'bland-404': [404, 'passed'],
    'problem-leaks': [500, 'replaced'], 'problem-broken': [500, 'replaced'],
  },
  '[errors]\nupstream_5xx = "replace_leaks"\nupstream_4xx = "replace_leaks"\n': {
    'stack': [500, 'replaced'], 'stack-json': [500, 'replaced'], 'stack-404': [404, 'replaced'], 'refused': [503, 'replaced'], 'gzip': [500, 'replaced'],
    'large': [500, 'replaced'], 'pieces': [500, 'replaced'], 'bland': [500, 'passed'], 'bland-pieces': [500, 'passed'], 'bland-404': [404, 'passed'],
    'problem-leaks': [500, 'replaced'],
  },
  '[errors]\nupstream_5xx = "pass"\n': { 'stack': [500, 'passed'], 'stack-404': [404, 'passed'], 'gzip': [500, 'passed'] },
};

for (const [config, all] of Object.entries(rows)) {
  describe(`with ${JSON.stringify(config)}`, { skip: without_gateway }, () => {
    let gatehouse, api;
    before(async () => {
      api = await startNode(file_scope, answers);
      gatehouse = await startGatehouse(file_scope, { to: api, config });
    });
    for (const [name, [status, what]] of Object.entries(all)) {
      test(`${name} is ${what}`, async () => {
        const response = await request(gatehouse.url, { path: `/${name}` });
        assert.equal(response.status, status);
        if (what === 'passed') return assert.deepEqual(response.body, (await request(api, { path: `/${name}` })).body);
        assertProblem(response, status);
        assert.doesNotMatch(response.body.toString(), own_words);
        assert.equal(response.get('retry-after'), name === 'refused' ? '7' : undefined);
        // The operator reads what it was, under the id that the client can tell.
        await gatehouse.says(response.get('x-request-id'));
        const record = () => gatehouse.records().find((r) => r.event === 'upstream-error' && r.id === response.get('x-request-id'));
        await gatehouse.says(new RegExp(`"event":"upstream-error","id":"${response.get('x-request-id')}"`));
        assert.match(record().text, name.startsWith('problem') || name === 'bland' || name === 'gzip' || name === 'large' ? /it said: / : own_words);
      });
    }
  });
}

describe('by default', { skip: without_gateway }, () => {
  let gatehouse, api;
  before(async () => {
    api = await startNode(file_scope, answers);
    gatehouse = await startGatehouse(file_scope, { to: api, config: '[telemetry]\nlisten = "127.0.0.1:0"\n' });
  });
  const get = (path, options = {}) => request(gatehouse.url, { path: `/${path}`, ...options });

  test('an upstream\'s problem document is written again', async () => {
    const response = await get('problem');
    assert.equal(response.status, 503);
    assert.deepEqual(response.json(), { type: '/errors/stock', title: 'Out of stock', status: 503, detail: '3 are left.', instance: `urn:uuid:${response.get('x-request-id')}` });
    assert.deepEqual(response.all('content-type'), ['application/problem+json']);
  });

  test('content without a type is application/octet-stream, counted, and said once', async () => {
    for (let i = 0; i < 3; ++i) assert.deepEqual((await get('untyped')).all('content-type'), ['application/octet-stream']);
    assert.deepEqual((await get('untyped', { method: 'HEAD' })).all('content-type'), ['application/octet-stream']);
    for (const path of ['untyped-empty', 'untyped-204']) assert.deepEqual((await get(path)).all('content-type'), []);
    await gatehouse.says('without a Content-Type');
    assert.equal(gatehouse.records().filter((r) => r.text?.includes('without a Content-Type')).length, 1);
    const [, telemetry] = await gatehouse.says(/telemetry on (http:\/\/127\.0\.0\.1:\d+)/);
    const metrics = (await request(telemetry, { path: '/metrics' })).body.toString();
    assert.match(metrics, /gatehouse_untyped_answers_total\{route="[^"]+"\} 4\n/);
  });

  test('links to the API itself lead to the gateway, and others where they led', async () => {
    assert.equal((await get('redirect')).get('location'), '/notes?a=b');
    assert.equal((await get('redirect-away')).get('location'), 'https://example.com/');
    const open = (await get('redirect-open')).get('location');
    assert.equal(new URL(open, 'http://gateway.example/a').host, 'gateway.example', open);
    const links = await get('links');
    assert.equal(links.get('content-location'), '/links');
    assert.equal(links.get('link'), '</next>; rel=next, <https://example.com/>; rel=help');
  });

  const named = async (config) => {
    const kept = await startGatehouse(file_scope, { to: api, config });
    const response = await request(kept.url, { path: '/names' });
    return response.fields.map(([name]) => name.toLowerCase()).filter((name) => /^(server|sourcemap|x-(powered|runtime|backend|debug|own))/.test(name)).sort();
  };
  test('fields that name software stay inside', async () => assert.deepEqual(await named(''), ['x-own']));
  test('but those of errors.keep_headers', async () => {
    assert.deepEqual(await named('[errors]\nkeep_headers = ["server", "Server-Timing"]\n'), ['server', 'server-timing', 'x-own']);
  });
  test('and the times of pages', async () => assert.deepEqual(await named('[headers]\nprofile = "spa"\n'), ['server-timing', 'x-own']));
});

describe('errors.dev_errors', { skip: without_gateway }, () => {
  test('says on a loopback listener what went wrong', async (t) => {
    const absent = await RecordingUpstream.start(t);
    await absent.stop();
    for (const [config, detail] of [['', undefined], ['[errors]\ndev_errors = true\n', 'upstream.unreachable']]) {
      const gatehouse = await startGatehouse(t, { to: absent.url, config });
      const response = await request(gatehouse.url, { path: '/' });
      assert.equal(response.status, 502);
      assert.equal(response.json().detail, detail);
    }
  });
});

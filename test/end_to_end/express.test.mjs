// An unmodified Express API works behind the gateway as it does without it, and every answer is hardened.
import assert from 'node:assert/strict';
import http from 'node:http';
import { before, describe, test } from 'node:test';
import { startApi } from './kit/api.mjs';
import { request } from './kit/client.mjs';
import { contentOf, sha256 } from './kit/content.mjs';
import { until } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { api_headers, assertHardened, assertProblem } from './kit/security_headers.mjs';

const MiB = 1024 * 1024;
const json = { 'Content-Type': 'application/json' };
let api, gatehouse;
before(async () => {
  api = await startApi(file_scope);
  gatehouse = await startGatehouse(file_scope, { to: api.url, config: '[limits]\nmax_body = "32MiB"\n' });
});

// --- One request, twice: through the gateway and past it ------------------------------------------------------------------
// Every row is compared in full: same status, same content, same framing, same fields in the same order, but for those of the
// connection and of the hardening. `own`: which of the hardening's fields the application sends itself and keeps. `phrase`:
// where ours is another (only registered ones are sent).
const rows = [
  { name: 'JSON', path: '/notes', status: 200, body: '[{"id":"1","title":"first"}]' },
  { name: 'a path parameter', path: '/notes/1', status: 200, body: '{"id":"1","title":"first"}' },
  { name: 'a path parameter that is encoded', method: 'PUT', path: '/notes/%C3%A4%20b', headers: json, send: '{}', status: 200, body: '{"id":"ä b"}' },
  { name: 'POST with 201 and Location', method: 'POST', path: '/notes', headers: json, send: '{"id":"7"}', status: 201, body: '{"id":"7"}' },
  { name: 'PUT', method: 'PUT', path: '/notes/3', headers: json, send: '{"title":"t"}', status: 200, body: '{"title":"t","id":"3"}' },
  { name: 'PATCH', method: 'PATCH', path: '/notes/3', headers: json, send: '{"a":1}', status: 200, body: '{"patched":"3","with":{"a":1}}' },
  { name: 'DELETE with 204', method: 'DELETE', path: '/notes/3', status: 204, body: '' },
  { name: 'HEAD', method: 'HEAD', path: '/notes', status: 200, body: '' },
  { name: 'OPTIONS as Express answers it', method: 'OPTIONS', path: '/notes', status: 200, body: 'GET, HEAD, POST' },
  { name: 'the application\'s own 404', path: '/notes/99', status: 404, body: '{"error":"no such note"}' },
  { name: 'Express\'s 404', path: '/nowhere', status: 404, own: { 'content-security-policy': "default-src 'none'" } },
  { name: 'Express\'s 400 to broken JSON', method: 'POST', path: '/notes', headers: json, send: '{', status: 400, own: { 'content-security-policy': "default-src 'none'" } },
  { name: 'three cookies', path: '/cookies', headers: { Cookie: 'a=1; b="2"' }, status: 200, body: '{"got":"a=1; b=\\"2\\""}',
    cookies: ['session=a%20b; Path=/; HttpOnly; SameSite=Lax', 'theme=dark; Max-Age=60; Path=/; Expires=*; HttpOnly; SameSite=Lax', 'XSRF-TOKEN=abc; Path=/; SameSite=Lax'] },
  { name: 'a redirect', path: '/redirect', status: 302, body: 'Found. Redirecting to /notes/1' },
  { name: 'a redirect to what is encoded', path: '/redirect/see-other', status: 303 },
  { name: 'an empty 204', path: '/empty', status: 204, body: '' },
  { name: 'an ETag', path: '/etag', status: 200, body: 'versioned' },
  { name: 'a 304', path: '/etag', headers: { 'If-None-Match': '"v1"' }, status: 304, body: '' },
  { name: 'chunked content', path: '/chunked', status: 200, body: 'one two three' },
  { name: 'content compressed by the application', path: '/gzip', headers: { 'Accept-Encoding': 'gzip' }, status: 200 },
  { name: 'text beyond ASCII', path: '/utf8', status: 200, body: 'Grüße, 世界' },
  { name: 'a status without a name', path: '/status/299', status: 299, phrase: '', body: 'status 299' },
  { name: 'a 401', path: '/status/401', status: 401, body: 'status 401' },
  { name: 'a 429', path: '/status/429', status: 429, body: 'status 429' },
  { name: 'a static page', path: '/', headers: { Accept: 'text/html' }, status: 200, own: { 'content-security-policy': "default-src 'self'", 'cache-control': 'public, max-age=0' } },
  { name: 'a static picture', path: '/picture.png', status: 200, own: { 'cache-control': 'public, max-age=0' } },
  { name: 'a range of a static file', path: '/picture.png', headers: { Range: 'bytes=1-3' }, status: 206, body: 'PNG', own: { 'cache-control': 'public, max-age=0' } },
  { name: 'an impossible range', path: '/picture.png', headers: { Range: 'bytes=5000-' }, status: 416, own: { 'content-security-policy': "default-src 'none'", 'cache-control': 'public, max-age=0' } },
  { name: 'headers of its own', path: '/own-headers', status: 200, body: '{}', own: { 'content-security-policy': "default-src 'self'", 'cache-control': 'public, max-age=60' } },
  { name: 'large fields in both directions', path: '/large-headers', headers: { 'X-Large': 'x'.repeat(14_000) }, status: 200, body: '{"received":14000}' },
  { name: 'a chunked upload', method: 'POST', path: '/upload', headers: json, send: () => contentOf(100_000), status: 200 },
];

const connection_fields = ['connection', 'keep-alive', 'date'];
const hardening_fields = ['strict-transport-security', 'x-powered-by', 'server', 'x-aspnet-version', 'x-request-id', ...Object.keys(api_headers)];
// What is added to them: docs/cookies.md
const cookies = (response) => response.all('set-cookie').map((line) => line.replace(/Expires=[^;]*/, 'Expires=*'));
const framing_fields = ['content-length', 'transfer-encoding'];
const application_fields = ({ fields }) =>
  fields.filter(([name]) => !['set-cookie', ...connection_fields, ...framing_fields, ...hardening_fields].includes(name.toLowerCase()));
const framing = (response) => framing_fields.map((name) => response.all(name));

describe('as without the gateway:', () => {
  for (const row of rows) {
    test(row.name, async () => {
      const { method, path, headers } = row;
      const send = () => request_options({ method, path, headers }, row.send);
      const [direct, through] = await Promise.all([request(api.url, send()), request(gatehouse.url, send())]);
      assert.equal(through.status, row.status);
      if (row.body !== undefined) assert.equal(through.body.toString(), row.body);
      assert.deepEqual(through.body, direct.body);
      assert.equal(through.phrase, row.phrase ?? direct.phrase);
      assert.deepEqual(application_fields(through), application_fields(direct));
      assert.deepEqual(cookies(through), without_gateway ? cookies(direct) : row.cookies ?? []);
      assert.deepEqual(framing(through), framing(direct));
      assert.equal(through.all('date').length, 1);
      assertHardened(through.fields, row.own);
    });
  }
});

function request_options(options, send) {
  const body = typeof send === 'function' ? send() : send;
  if (typeof body !== 'string') return { ...options, body };
  return { ...options, body, headers: { ...options.headers, 'Content-Length': Buffer.byteLength(body) } };
}

// --- What the API sees ----------------------------------------------------------------------------------------------------
test('a query arrives as it was sent, with what browsers leave unencoded', async () => {
  const query = 'q=\\|^{}[]"&list[]=1&list[]=2&utf=%C3%A4&plus=a+b&empty=&flag&double%2525';
  const { url, query: parsed } = (await request(gatehouse.url, { path: `/echo?${query}` })).json();
  assert.equal(url, `/echo?${query}`);
  assert.equal(parsed.q, '\\|^{}[]"');
});

test('trust proxy sees the client, the scheme and the host', async () => {
  const got = await request(gatehouse.url, {
    path: '/who',
    localAddress: '127.0.0.5',
    headers: { Host: `localhost:${gatehouse.port}` },
  });
  assert.deepEqual(got.json(), {
    ip: '127.0.0.5', ips: without_gateway ? [] : ['127.0.0.5'], protocol: 'http', hostname: 'localhost',
    host: `localhost:${gatehouse.port}`, secure: false,
  });
});

test('nobody can say that he is somebody else', { skip: without_gateway }, async () => {
  const got = await request(gatehouse.url, {
    path: '/who',
    localAddress: '127.0.0.6',
    headers: {
      'X-Forwarded-For': '6.6.6.6, 7.7.7.7', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example',
      'Forwarded': 'for=6.6.6.6;proto=https', 'X-Real-IP': '6.6.6.6', 'True-Client-IP': '6.6.6.6',
    },
  });
  assert.deepEqual(got.json(), {
    ip: '127.0.0.6', ips: ['127.0.0.6'], protocol: 'http', hostname: '127.0.0.1', host: new URL(gatehouse.url).host, secure: false,
  });
});

test('fields reach the API in order, without those of the connection', { skip: without_gateway }, async (t) => {
  const client = await RawClient.connect(t, gatehouse.port);
  client.send(
    `GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nX-One: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: gone\r\nAccept: a/b\r\n` +
    'accept: c/d\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nUpgrade: h2c\r\n' +
    'Proxy: http://evil.example\r\nX-Two:   2  \r\n\r\n');
  const { headers } = JSON.parse((await client.response()).text);
  const pairs = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push(`${headers[i]}: ${headers[i + 1]}`);
  const [id] = pairs.filter((line) => line.startsWith('X-Request-Id: '));
  const [trace] = pairs.filter((line) => line.startsWith('traceparent: '));
  assert.ok(id && trace, pairs);
  assert.deepEqual(pairs.filter((line) => line !== id && line !== trace && !/^(Connection|Via):/i.test(line)), [
    'Host: 127.0.0.1', 'X-One: 1', 'Accept: a/b', 'accept: c/d', 'X-Two: 2',
    'X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: 127.0.0.1',
  ]);
});

// --- Connections ----------------------------------------------------------------------------------------------------------
test('a kept connection serves many requests', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const reused = [];
    for (const path of ['/notes', '/chunked', '/empty', '/etag', '/status/404', '/gzip']) {
      reused.push((await request(gatehouse.url, { path, agent })).reused);
    }
    assert.deepEqual(reused, [false, true, true, true, true, true]);
  } finally {
    agent.destroy();
  }
});

test('pipelined requests are answered in order', async (t) => {
  const client = await RawClient.connect(t, gatehouse.port);
  const paths = ['/notes/1', '/chunked', '/status/404', '/utf8'];
  client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  const got = [];
  for (const _ of paths) got.push((await client.response()).text);
  assert.deepEqual(got, ['{"id":"1","title":"first"}', 'one two three', 'status 404', 'Grüße, 世界']);
});

// --- Large ones -----------------------------------------------------------------------------------------------------------
describe('20 MiB', () => {
  const size = 20 * MiB;
  let sum;
  before(async () => { sum = sha256(Buffer.concat(await contentOf(size).toArray())); });

  test('up, with a length', async () => {
    const headers = { 'Content-Length': size, 'Content-Type': 'application/octet-stream' };
    const got = await request(gatehouse.url, { method: 'POST', path: '/upload', headers, body: contentOf(size) });
    assert.deepEqual(got.json(), { bytes: size, sha256: sum, type: 'application/octet-stream' });
    assertHardened(got.fields);
  });

  test('up, in chunks', async () => {
    const got = await request(gatehouse.url, { method: 'POST', path: '/upload', body: contentOf(size) });
    assert.deepEqual(got.json(), { bytes: size, sha256: sum, type: null });
  });

  test('up, after 100 Continue', async () => {
    let asked = 0;
    const headers = { 'Content-Length': size };
    const got = await request(gatehouse.url, { method: 'POST', path: '/upload', headers, body: contentOf(size), onContinue: () => { asked++; } });
    assert.deepEqual(got.json(), { bytes: size, sha256: sum, type: null });
    assert.equal(asked, 1);
  });

  test('down', async () => {
    const got = await request(gatehouse.url, { path: `/download/${size}` });
    assert.equal(got.get('content-length'), String(size));
    assert.equal(got.body.length, size);
    assert.equal(sha256(got.body), sum);
    assertHardened(got.fields);
  });
});

describe('over the body limit', { skip: without_gateway }, () => {
  let strict;
  before(async () => { strict = await startGatehouse(file_scope, { to: api.url, config: '[log]\nformat = "terminal"\n' }); });
  const at_limit = () => contentOf(MiB);

  test('1 MiB, the default, passes', async () => {
    const headers = { 'Content-Length': MiB };
    const got = await request(strict.url, { method: 'POST', path: '/upload', headers, body: at_limit() });
    assert.equal(got.json().bytes, MiB);
  });

  test('a larger length is refused before a byte of it was sent', async (t) => {
    const client = await RawClient.connect(t, strict.port);
    client.send(`POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${3 * MiB}\r\nExpect: 100-continue\r\n\r\n`);
    const got = await client.response({ method: 'POST' });
    assert.deepEqual(got.interim, []);
    assertProblem(got, 413, 'The request body is too large.');
  });

  // Before there is another of its kind: only the first is explained.
  test('the log names the size and the key', async () => {
    await strict.says(/413 limit\.body-too-large .* 3MiB came, 1MiB is allowed {2}fix: limits\.max_body = "4MiB"/);
  });

  test('larger chunks are refused when they arrive', async () => {
    const got = await request(strict.url, { method: 'POST', path: '/upload', body: contentOf(MiB + 1) });
    assertProblem(got, 413, 'The request body is too large.');
  });
});

// --- Event streams --------------------------------------------------------------------------------------------------------
test('each event of a stream arrives before the next is sent', async (t) => {
  const client = await RawClient.connect(t, gatehouse.port);
  client.send('GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
  const head = await client.head();
  assert.equal(head.get('content-type'), 'text/event-stream');
  assertHardened(head.fields, { 'cache-control': 'no-cache' });
  await client.contains('retry: 100\n\n');
  for (const event of ['first', 'second', 'third']) {
    await request(api.url, { method: 'POST', path: '/events/next', headers: { 'Content-Type': 'text/plain' }, body: event });
    await client.contains(`data: ${event}\n\n`);
  }
});

test('a stream ends at the API when its client leaves', async (t) => {
  const alone = await startApi(t);
  const before_it = await startGatehouse(t, { to: alone.url });
  const client = await RawClient.connect(t, before_it.port);
  client.send('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.contains('retry: 100\n\n');
  const next = async () => (await request(alone.url, { method: 'POST', path: '/events/next', headers: { 'Content-Type': 'text/plain' }, body: 'x' })).json();
  assert.deepEqual(await next(), { streams: 1 });
  client.reset();
  await until(async () => (await next()).streams === 0, 'the end of the stream');
});

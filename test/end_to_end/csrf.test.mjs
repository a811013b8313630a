// The guard against cross-site requests, through the running program: decided as the unit tests' table says, told to the
// person who looks, and off the upstream's hands.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { exchange } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';
import { said, start, times, to } from './kit/reload.mjs';

const page = 'http://localhost:3000';
const evil = 'https://evil.example';
const handshake = ['Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

/// name, method, path, fields, status
const rows = [
  ['a program', 'POST', '/', [], 200],
  ['a program with a cookie', 'POST', '/', ['Cookie: a=b'], 200],
  ['our own page', 'POST', '/', ['Sec-Fetch-Site: same-origin'], 200],
  ['what the user opened', 'POST', '/', ['Sec-Fetch-Site: none'], 200],
  ['a read', 'GET', '/', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`], 200],
  ['a form of another site', 'POST', '/', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`, 'Content-Type: text/plain'], 403],
  ['the same from an old browser', 'POST', '/', [`Origin: ${evil}`], 403],
  ['a sandboxed frame', 'DELETE', '/', ['Sec-Fetch-Site: cross-site', 'Origin: null'], 403],
  ['the listed page', 'PUT', '/', ['Sec-Fetch-Site: same-site', `Origin: ${page}`], 200],
  ['the listed page, as somebody', 'PUT', '/', ['Sec-Fetch-Site: same-site', `Origin: ${page}`, 'Cookie: a=b'], 403],
  ['a trusted one, as somebody', 'POST', '/', ['Sec-Fetch-Site: cross-site', 'Origin: https://pay.example', 'Cookie: a=b'], 200],
  ['an exempt path', 'POST', '/saml/acs', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`], 200],
  ['and not what is like it', 'POST', '/saml/acs/', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`], 403],
  ['a route without a guard', 'POST', '/open/1', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`], 200],
  ['a link to a route where GET changes something', 'GET', '/logout', ['Sec-Fetch-Site: cross-site'], 403],
  ['a handshake of the listed page', 'GET', '/', [...handshake, `Origin: ${page}`], 101],
  ['a handshake of another', 'GET', '/', [...handshake, `Origin: ${evil}`], 403],
  ['a handshake of a program', 'GET', '/', handshake, 101],
  ['a handshake of nobody, as somebody', 'GET', '/', [...handshake, 'Cookie: a=b'], 403],
];

describe('csrf', { skip: without_gateway }, () => {
  let api, gateway;
  before(async () => {
    api = await RecordingUpstream.start(file_scope, (q, socket) => {
      const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
      socket.write(q.all('upgrade').length > 0 ? switched : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    gateway = await startGatehouse(file_scope, {
      config: `upstream = "${api.url}"
[cors]
origins = ["${page}"]
[log]
format = "terminal"
[csrf]
trusted_origins = ["https://pay.example"]
exempt = ["POST /saml/acs"]
[[route]]
match = "/open/*"
csrf.dangerously_off = true
[[route]]
match = "/logout"
csrf.unsafe_get = true
`,
    });
  });

  for (const [name, method, path, fields, status] of rows) {
    test(name, async (t) => {
      const before = api.requests.length;
      const r = await exchange(t, gateway.port, [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...(method === 'GET' ? [] : ['Content-Length: 0']), ...fields, '', ''].join('\r\n'));
      assert.equal(r.status, status);
      assert.equal(api.requests.length - before, status === 403 ? 0 : 1);
      if (status !== 403) return;
      assert.equal(r.get('content-type'), 'application/problem+json');
      assert.match(r.get('vary'), /Sec-Fetch-Site, Origin/);
      assert.ok(!r.text.includes('evil'), 'the page is not told who was refused');
    });
  }

  test('the log says who, why, and what to write', async () => {
    await gateway.says(/403 csrf\.cross-origin +POST \/ .*--allow-origin https:\/\/evil\.example/s);
    await gateway.says(/403 csrf\.cross-origin +PUT \/ .*--allow-credentials/s);
    await gateway.says(/403 csrf\.websocket-origin +GET \/ .*--allow-origin https:\/\/evil\.example/s);
  });
});

describe('csrf tokens', { skip: without_gateway }, () => {
  const keys = { old: 'kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe', new: 'Zq8T+fW1oV6uR4yKx0nPj3bM7cLd9sHe' };
  const config = (api, ...token_keys) => to(api, `[cors]
origins = ["${page}"]
credentials = true
[csrf]
token_keys = ${JSON.stringify(token_keys)}
session_cookie = "sid"
[[route]]
match = "/transfers"
csrf.require_token = true`);
  const lines = (...all) => [...all, '', ''].join('\r\n');
  const ask = (t, gateway, ...fields) => exchange(t, gateway.port, lines('GET /.gatehouse/csrf-token HTTP/1.1', 'Host: localhost', ...fields));
  const send = (t, gateway, path, content, ...fields) =>
    exchange(t, gateway.port, lines(`POST ${path} HTTP/1.1`, 'Host: localhost', `Content-Length: ${content.length}`, ...fields) + content);
  const form = 'Content-Type: application/x-www-form-urlencoded';
  const own = 'Sec-Fetch-Site: same-origin';
  const begin = async (t, ...token_keys) => {
    const api = await RecordingUpstream.start(t, (_, socket) => socket.write(plain_answer));
    return [api, await start(t, config(api, ...token_keys))];
  };

  test('are issued, asked for and bound to the session', async (t) => {
    const [api, gateway] = await begin(t, keys.old);
    const issued = await ask(t, gateway, own, 'Cookie: sid=ada');
    assert.equal(issued.status, 200);
    assert.equal(issued.get('cache-control'), 'no-store');
    assert.equal(issued.get('content-type'), 'application/json');
    assert.deepEqual(issued.all('set-cookie'), []);
    const { token } = JSON.parse(issued.text);
    assert.match(token, /^[A-Za-z0-9_-]{87}$/);
    assert.notEqual(JSON.parse((await ask(t, gateway, own, 'Cookie: sid=ada')).text).token, token);

    const with_token = `X-CSRF-Token: ${token}`;
    const rows = [
      ['own page', '/transfers', '', [own, 'Cookie: sid=ada'], 403],
      ['own page with its token', '/transfers', '', [own, 'Cookie: sid=ada', with_token], 200],
      ['own page, in another session', '/transfers', '', [own, 'Cookie: sid=eve', with_token], 403],
      ['a token in a cookie', '/transfers', '', [own, `Cookie: sid=ada; csrf_token=${token}`], 403],
      ['a token in the query', `/transfers?csrf_token=${token}`, '', [own, 'Cookie: sid=ada'], 403],
      ['a form', '/transfers', `to=Ada&csrf_token=${token}`, [own, 'Cookie: sid=ada', form], 200],
      ['a form without', '/transfers', 'to=Ada', [own, 'Cookie: sid=ada', form], 403],
      ['elsewhere own pages need none', '/notes', '', [own, 'Cookie: sid=ada'], 200],
      ['an old browser does', '/notes', '', ['Cookie: sid=ada'], 403],
      ['an old browser with it', '/notes', '', ['Cookie: sid=ada', with_token], 200],
      ['a program that acts as nobody', '/notes', '', [], 200],
      ['another site with a token', '/notes', '', ['Sec-Fetch-Site: cross-site', `Origin: ${evil}`, 'Cookie: sid=ada', with_token], 403],
    ];
    for (const [name, path, content, fields, status] of rows) {
      const before = api.requests.length;
      const r = await send(t, gateway, path, content, ...fields);
      assert.equal(r.status, status, name);
      assert.equal(api.requests.length - before, status === 200 ? 1 : 0, name);
      if (status === 200) assert.equal(api.requests.at(-1).text, content, name);
      else assert.equal(JSON.parse(r.text).type, name === 'another site with a token' ? 'about:blank' : 'urn:problem-type:csrf.token', name);
    }
    assert.ok(said(gateway, 'request').length > 0 && !gateway.output.includes(token), 'the log has no token');
  });

  test('of before login are bound to a cookie of their own', async (t) => {
    const [, gateway] = await begin(t, keys.old);
    const issued = await ask(t, gateway, own);
    const [set] = issued.all('set-cookie');
    assert.match(set, /^__Host-gh-csrf=[A-Za-z0-9_-]{43}; /);
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) assert.ok(set.split('; ').includes(attribute), set);
    const id = set.split(';')[0];
    const field = `X-CSRF-Token: ${JSON.parse(issued.text).token}`;
    assert.equal((await send(t, gateway, '/transfers', '', own, `Cookie: ${id}`, field)).status, 200);
    assert.equal((await send(t, gateway, '/transfers', '', own, `Cookie: ${id}; sid=ada`, field)).status, 403, 'logged in');
  });

  test('are for own pages only', async (t) => {
    const [api, gateway] = await begin(t, keys.old);
    for (const fields of [['Sec-Fetch-Site: same-site', `Origin: ${page}`], ['Sec-Fetch-Site: cross-site'], [`Origin: ${page}`], ['Origin: null'], ['Sec-Fetch-Site: none']]) {
      const r = await ask(t, gateway, 'Cookie: sid=ada', ...fields);
      assert.equal(r.status, 403, fields.join());
      assert.deepEqual(r.all('set-cookie'), []);
    }
    assert.equal((await send(t, gateway, '/.gatehouse/csrf-token', '', own)).status, 405);
    assert.equal(api.requests.length, 0);
  });

  test('outlive a new key, until the old one is gone', async (t) => {
    const [api, gateway] = await begin(t, keys.old);
    const { token } = JSON.parse((await ask(t, gateway, own, 'Cookie: sid=ada')).text);
    const status = async () => (await send(t, gateway, '/transfers', '', own, 'Cookie: sid=ada', `X-CSRF-Token: ${token}`)).status;
    assert.equal(await status(), 200);
    gateway.write(config(api, keys.new, keys.old));
    await times(gateway, 'reloaded', 1);
    assert.equal(await status(), 200);
    gateway.write(config(api, keys.new));
    await times(gateway, 'reloaded', 2);
    assert.equal(await status(), 403);
    gateway.write(config(api, 'changeme'));
    await times(gateway, 'reload-failed', 1);
    assert.ok(!Object.values(keys).some((key) => gateway.output.includes(key)) && !gateway.output.includes('changeme'), 'no key in the log');
  });
});

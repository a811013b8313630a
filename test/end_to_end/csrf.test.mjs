// The guard against cross-site requests, through the running program: decided as the unit tests' table says, told to the
// person who looks, and off the upstream's hands.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { exchange } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';

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

// No answer tells what software, version, path, address or exception is behind it, however it was provoked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { startApi } from './kit/api.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, source_dir, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { assertProblem } from './kit/security_headers.mjs';

const get = (target, more = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const post = (more, body = '') => `POST /upload HTTP/1.1\r\nHost: localhost\r\n${more}\r\n\r\n${body}`;
const handshake = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

let api, broken, version, forbidden;
const gateways = {};
before(async () => {
  api = await startApi(file_scope);
  const absent = await RecordingUpstream.start(file_scope);
  await absent.stop();
  broken = await RecordingUpstream.start(file_scope, (request, socket) => socket.end('HTTP/1.1 200 OK\r\nserver SECRET-4715\r\n\r\n'));
  const silent = await RecordingUpstream.start(file_scope, () => {});
  const config = '[limits]\nmax_body = "4KiB"\nhead_timeout = "200ms"\nbody_idle_timeout = "200ms"\nshutdown_timeout = "200ms"\n';
  gateways.api = await startGatehouse(file_scope, { to: api.url, config });
  gateways.absent = await startGatehouse(file_scope, { to: absent.url });
  gateways.broken = await startGatehouse(file_scope, { to: broken.url });
  gateways.unresolvable = await startGatehouse(file_scope, { to: 'http://gatehouse-test.invalid:5000' });
  gateways.stopping = await startGatehouse(file_scope, { to: silent.url, config });
  if (without_gateway) return;
  version = execFileSync(program, ['version'], { encoding: 'utf8' }).match(/\d+\.\d+\.\d+\S*/)[0];
  forbidden = [
    /gatehouse/i, /nginx|express|node\.?js|boost|asio|c\+\+/i, version, source_dir, /\/(home|work|usr|etc|srv|tmp|app)\//, /SECRET/,
    ...[api.port, absent.port, broken.port].flatMap((port) => [`:${port}`, `port ${port}`]), /\b127\.0\.0\.\d/, /gatehouse-test\.invalid/,
    /errno|exception|stack|at .*\.(js|cpp|mjs|hpp):\d|terminate|std::|0x[0-9a-f]{6}/i, /connection refused|ECONN|no such file/i,
  ];
});

const rows = [
  { name: 'noise', send: 'noise\r\n\r\n', status: 400 },
  { name: 'TLS on a plain port', send: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', status: 400 },
  { name: 'the preface of HTTP/2', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 505 },
  { name: 'no Host', send: 'GET / HTTP/1.1\r\n\r\n', status: 400 },
  { name: 'a foreign Host', send: 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', status: 421 },
  { name: 'two Hosts', send: 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', status: 400 },
  { name: 'a method nobody has', send: 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n', status: 501 },
  { name: 'TRACE', send: 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n', status: 405 },
  { name: 'CONNECT', send: 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n', status: 405 },
  { name: 'another version', send: 'GET / HTTP/3.0\r\nHost: localhost\r\n\r\n', status: 505 },
  { name: 'dot segments', send: get('/../../etc/passwd'), status: 400 },
  { name: 'an encoded slash', send: get('/a%2fb'), status: 400 },
  { name: 'a NUL', send: get('/%00'), status: 400 },
  { name: 'a target that is too long', send: get(`/${'a'.repeat(5000)}`), status: 414 },
  { name: 'a head that is too large', send: get('/', `X: ${'a'.repeat(20_000)}\r\n`), status: 431 },
  { name: 'too many fields', send: get('/', 'A: b\r\n'.repeat(100)), status: 431 },
  { name: 'a folded field', send: get('/', 'A: b\r\n c\r\n'), status: 400 },
  { name: 'both lengths', send: post('Content-Length: 1\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), status: 400 },
  { name: 'another coding', send: post('Transfer-Encoding: gzip', 'x'), status: 501 },
  { name: 'a bad chunk', send: post('Transfer-Encoding: chunked', 'zz\r\n'), status: 400 },
  { name: 'another expectation', send: post('Expect: miracle\r\nContent-Length: 0'), status: 417 },
  { name: 'too large a body', send: post('Content-Length: 100000000'), status: 413 },
  { name: 'too large a chunk', send: post('Transfer-Encoding: chunked', `1400\r\n${'x'.repeat(5120)}\r\n`), status: 413 },
  { name: 'a head that never ends', send: 'GET / HTTP/1.1\r\nHost: lo', status: 408 },
  { name: 'a body that never ends', send: post('Content-Length: 10', 'x'), status: 408 },
  { name: 'an exception of the API', send: get('/throw'), status: 500 },
  { name: 'a rejected promise of the API', send: get('/reject'), status: 500 },
  { name: 'the API\'s own 503 with a stack', send: get('/own-500'), status: 503 },
  { name: 'an upstream that is not there', to: 'absent', send: get('/'), status: 502 },
  { name: 'an upstream whose name is unknown', to: 'unresolvable', send: get('/'), status: 502 },
  { name: 'an upstream that talks no HTTP', to: 'broken', send: get('/'), status: 502 },
  { name: 'a WebSocket to an upstream that is not there', to: 'absent', send: get('/socket', handshake), status: 502 },
  { name: 'a WebSocket with a body', send: get('/socket', `${handshake}Content-Length: 1\r\n`) + 'x', status: 400 },
];

function assertSilent(response) {
  const text = `${response.start}\n${response.fields.map((f) => f.join(': ')).join('\n')}\n\n${response.text}`;
  for (const word of forbidden) {
    const told = typeof word === 'string' ? text.includes(word) : word.test(text);
    assert.ok(!told, `${word} in\n${text}`);
  }
}

describe('what is not told to', { skip: without_gateway }, () => {
  for (const { name, to = 'api', send, status } of rows) {
    test(name, async (t) => {
      const client = await RawClient.connect(t, gateways[to].port);
      const response = await client.send(send).response();
      assertProblem(response, status);
      assertSilent(response);
    });
  }

  test('whoever is cut off by the end of the program', async (t) => {
    const client = await RawClient.connect(t, gateways.stopping.port);
    client.send(get('/'));
    gateways.stopping.signal('SIGTERM');
    const response = await client.response();
    if (response) assertSilent(response);
  });

  // An answer that is the API's own passes, without the names of its software.
  for (const path of ['/notes', '/own-headers', '/nowhere', '/status/404']) {
    test(`readers of ${path}`, async (t) => {
      const client = await RawClient.connect(t, gateways.api.port);
      const { fields } = await client.send(get(path)).response();
      assert.deepEqual(fields.filter(([name, value]) => /server|powered|aspnet|via/i.test(name) || /express|apache|gatehouse/i.test(value)), []);
    });
  }
});

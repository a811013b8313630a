// WebSockets of an unmodified API pass through the gateway, both ways, with the closing codes that were said.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import { before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { startApi } from './kit/api.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { assertHardened, assertProblem } from './kit/security_headers.mjs';

let api, gatehouse;
before(async () => {
  api = await startApi(file_scope);
  gatehouse = await startGatehouse(file_scope, { to: api.url });
});

const address = (path = '/socket') => `ws://127.0.0.1:${gatehouse.port}${path}`;
async function open(t, path, protocols) {
  const socket = new WebSocket(address(path), protocols);
  t.after(() => socket.terminate());
  await within(once(socket, 'open'), 'opening a WebSocket');
  return socket;
}
const next = (emitter, event) => within(once(emitter, event), event);
async function ask(socket, data) {
  const answer = next(socket, 'message');
  socket.send(data);
  const [received, isBinary] = await answer;
  return isBinary ? received : received.toString();
}

test('text comes back', async (t) => {
  const socket = await open(t);
  assert.equal(await ask(socket, 'Grüße'), 'Grüße');
  assert.equal(await ask(socket, ''), '');
});

test('1 MiB of binary comes back, byte for byte', async (t) => {
  const socket = await open(t);
  const data = crypto.randomBytes(1024 * 1024);
  assert.ok((await ask(socket, data)).equals(data));
});

test('the server speaks first', async (t) => {
  const socket = new WebSocket(address('/socket/greeting'));
  t.after(() => socket.terminate());
  const [greeting] = await next(socket, 'message');
  assert.equal(greeting.toString(), 'hello from the API');
});

test('a ping is answered by the API', async (t) => {
  const socket = await open(t);
  const pong = next(socket, 'pong');
  socket.ping('are you there');
  assert.equal((await pong)[0].toString(), 'are you there');
});

test('a subprotocol is chosen by the API', async (t) => {
  assert.equal((await open(t, '/socket', ['notes.v1', 'notes.v2'])).protocol, 'notes.v2');
});

test('a closing code of the API reaches the client', async (t) => {
  const socket = await open(t);
  const closed = next(socket, 'close');
  socket.send('close 4001');
  const [code, why] = await closed;
  assert.deepEqual([code, why.toString()], [4001, 'as asked']);
});

test('a closing code of the client reaches the API', async (t) => {
  const alone = await startApi(t);
  const before_it = await startGatehouse(t, { to: alone.url });
  const address = `ws://127.0.0.1:${before_it.port}/socket`;
  const first = new WebSocket(address);
  await next(first, 'open');
  first.close(4002, 'enough');
  assert.equal((await next(first, 'close'))[0], 4002);
  const second = new WebSocket(address);
  t.after(() => second.terminate());
  await next(second, 'open');
  assert.equal(await ask(second, 'last close'), '4002');
});

test('many at once do not mix', async (t) => {
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(t)));
  const answers = await Promise.all(sockets.map((socket, n) => ask(socket, `this is ${n}`)));
  assert.deepEqual(answers, sockets.map((_, n) => `this is ${n}`));
});

test('a crash of the API ends the client\'s socket', async (t) => {
  const doomed = await startApi(t);
  const before_it = await startGatehouse(t, { to: doomed.url });
  const socket = new WebSocket(`ws://127.0.0.1:${before_it.port}/socket`);
  await next(socket, 'open');
  const closed = next(socket, 'close');
  await doomed.kill();
  assert.equal((await closed)[0], 1006);
});

// --- Only what was verified becomes a tunnel ------------------------------------------------------------------------------
const handshake = (more = '') =>
  `GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

test('the log has the request, and nothing of what went through', { skip: without_gateway }, async (t) => {
  const alone = await startGatehouse(t, { to: api.url });
  const socket = new WebSocket(`ws://127.0.0.1:${alone.port}/socket`);
  t.after(() => socket.terminate());
  await next(socket, 'open');
  const text = 'what was said '.repeat(5_000);
  for (let i = 0; i < 3; i++) assert.equal(await ask(socket, text), text);
  socket.close();
  const record = await until(() => alone.records().find((r) => r.status === 101), 'the record');
  assert.deepEqual([record.method, record.path, record.aborted], ['GET', '/socket', false]);
  assert.ok(!alone.output.includes('was said'));
});

test('the 101 names nothing and says who it was', async (t) => {
  const client = await RawClient.connect(t, gatehouse.port);
  client.send(handshake());
  const head = await client.head();
  assert.equal(head.status, 101);
  assert.equal(head.get('sec-websocket-accept'), accept);
  assert.equal(head.get('upgrade'), 'websocket');
  assertHardened(head.fields);
});

describe('an upstream that answers a handshake', { skip: without_gateway }, () => {
  const rows = [
    {
      name: 'with another key\'s 101: 502, no tunnel',
      answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n',
      status: 502,
    },
    {
      name: 'with a 101 to another protocol: 502, no tunnel',
      answer: `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      status: 502,
    },
    {
      name: 'with a 101 without a key: 502, no tunnel',
      answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      status: 502,
    },
  ];
  for (const { name, answer, status } of rows) {
    test(name, async (t) => {
      const upstream = await RecordingUpstream.start(t, (request, socket) => socket.write(answer));
      const before_it = await startGatehouse(t, { to: upstream.url });
      const client = await RawClient.connect(t, before_it.port);
      client.send(handshake());
      assertProblem(await client.response(), status);
    });
  }

  test('with a refusal: what follows the handshake is judged as any request', async (t) => {
    const upstream = await RecordingUpstream.start(t, (request, socket) =>
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'));
    const before_it = await startGatehouse(t, { to: upstream.url });
    const client = await RawClient.connect(t, before_it.port);
    client.send(`${handshake()}GET /a%2f..%2fadmin HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const refusal = await client.response();
    assert.deepEqual([refusal.status, refusal.text], [403, 'no']);
    assertProblem(await client.response(), 400);
    assert.deepEqual(upstream.requests.map(({ target }) => target), ['/socket']);
    assert.equal(upstream.connections[0].unfinished.length, 0);
  });

  test('to a request that asked for none, with a 101: 502', async (t) => {
    const upstream = await RecordingUpstream.start(t, (request, socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfree tunnel'));
    const before_it = await startGatehouse(t, { to: upstream.url });
    const client = await RawClient.connect(t, before_it.port);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assertProblem(await client.response(), 502);
  });
});

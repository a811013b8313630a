// Upstreams close idle connections whenever they like (Node: after 5 s). No client may notice, and nothing may be done twice.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient, reset } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';

const post = (target) => `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi`;
const get = (target) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/// `count` requests one after the other on one connection; every `nth` is a POST. Returns [target, status].
async function runRequests(t, port, name, count, nth) {
  const client = await RawClient.connect(t, port);
  const got = [];
  for (let i = 0; i < count; i++) {
    const is_post = i % nth === 0;
    const target = `/${is_post ? 'post' : 'get'}/${name}/${i}`;
    const response = await client.send(is_post ? post(target) : get(target)).response();
    got.push([target, response?.status]);
  }
  return got;
}

function assertOnce(answered, targets) {
  const times = new Map();
  for (const target of targets) times.set(target, (times.get(target) ?? 0) + 1);
  const twice = [...times].filter(([target, n]) => target.startsWith('/post/') && n > 1);
  assert.deepEqual(twice, [], 'POSTs that arrived twice');
  const lost = answered.filter(([target, status]) => target.startsWith('/get/') && status !== 200);
  assert.deepEqual(lost, [], 'GETs without their answer');
  const never = answered.filter(([target, status]) => status === 200 && !times.has(target));
  assert.deepEqual(never, [], 'answers from nowhere');
}

describe('idle connections that the upstream closes', { skip: without_gateway }, () => {
  const upstreams = [
    { name: 'with each answer, unannounced', after_answer: (socket) => socket.end() },
    { name: 'by reset', after_answer: (socket) => setImmediate(() => reset(socket)) },
    { name: 'after 1 ms', after_answer: (socket) => setTimeout(() => socket.end(), 1) },
    { name: 'after 5 ms', after_answer: (socket) => setTimeout(() => socket.end(), 5) },
    { name: 'when the next request arrives, every third time', third: true, after_answer: () => {} },
  ];
  for (const { name, after_answer, third } of upstreams) {
    test(name, async (t) => {
      const upstream = await RecordingUpstream.start(t, (request, socket) => {
        if (third && request.connection.requests.length % 3 === 0) socket.destroy();
        else socket.write(plain_answer, () => after_answer(socket));
      });
      const gatehouse = await startGatehouse(t, { to: upstream.url });
      const alone = await runRequests(t, gatehouse.port, 'alone', 250, 5);
      const together = await Promise.all(Array.from({ length: 25 }, (_, n) => runRequests(t, gatehouse.port, n, 10, 5)));
      assertOnce([...alone, ...together.flat()], upstream.requests.map(({ target }) => target));
    });
  }

  test('by Node, whose keepAliveTimeout is 1 ms', async (t) => {
    const targets = [];
    const server = http.createServer((req, res) => {
      targets.push(req.url);
      req.resume().on('end', () => res.end('hello'));
    });
    server.keepAliveTimeout = 1;
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const gatehouse = await startGatehouse(t, { to: `http://127.0.0.1:${server.address().port}` });
    const together = await Promise.all(Array.from({ length: 25 }, (_, n) => runRequests(t, gatehouse.port, n, 20, 5)));
    assertOnce(together.flat(), targets);
  });
});

test('a POST whose connection is closed in its face is not sent again', { skip: without_gateway }, async (t) => {
  const upstream = await RecordingUpstream.start(t, (request, socket) => {
    if (request.method === 'POST') socket.destroy();
    else socket.write(plain_answer);
  });
  const gatehouse = await startGatehouse(t, { to: upstream.url });
  const client = await RawClient.connect(t, gatehouse.port);
  assert.equal((await client.send(get('/')).response()).status, 200);
  assert.equal((await client.send(post('/pay')).response()).status, 502);
  assert.deepEqual(upstream.requests.map(({ target }) => target), ['/', '/pay']);
});

test('connections to the upstream are used again', { skip: without_gateway }, async (t) => {
  const upstream = await RecordingUpstream.start(t);
  const gatehouse = await startGatehouse(t, { to: upstream.url });
  const client = await RawClient.connect(t, gatehouse.port);
  for (let i = 0; i < 20; i++) await client.send(i % 2 ? get('/') : post('/')).response();
  assert.equal(upstream.connections.length, 1);
});

test('an upstream that says when it closes is believed', { skip: without_gateway }, async (t) => {
  const upstream = await RecordingUpstream.start(t, (_, socket) =>
    socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'));
  const gatehouse = await startGatehouse(t, { to: upstream.url });
  const client = await RawClient.connect(t, gatehouse.port);
  for (let i = 0; i < 3; i++) await client.send(get('/')).response();
  assert.equal(upstream.connections.length, 3);  // 1 s, less 1 s for the way: never kept
});

// What a connection costs while it idles, and that nothing grows under a mixed load.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './kit/client.mjs';
import { contentOf } from './kit/content.mjs';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const KiB = 1024;

/// Runs `count` jobs, `width` at a time.
async function inBatches(count, width, job) {
  for (let n = 0; n < count; n += width) await Promise.all(Array.from({ length: Math.min(width, count - n) }, (_, i) => job(n + i)));
}

test('an idle connection costs at most 2 KiB', { skip: without_gateway }, async (t) => {
  const connections = 10_000;
  const upstream = await RecordingUpstream.start(t);
  const gatehouse = await startGatehouse(t, { to: upstream.url, config: '[limits]\nidle_timeout = "10m"\nhead_timeout = "5m"\n' });
  const open = async () => {
    const client = await RawClient.connect({ after() {} }, gatehouse.port);
    assert.equal((await client.send(get).response()).status, 200);
    return client;
  };
  // Pools and caches are filled once, by as many requests at a time as later.
  await inBatches(1_000, 100, async () => (await open()).socket.destroy());
  const descriptors = gatehouse.descriptors();
  const before = gatehouse.residentKiB();

  const clients = [];
  t.after(() => clients.forEach((client) => client.socket.destroy()));
  await inBatches(connections, 100, async () => clients.push(await open()));
  await pause(1_000);  // what is given back after a while, is
  const each = ((gatehouse.residentKiB() - before) * KiB) / connections;
  t.diagnostic(`${each.toFixed(0)} bytes for each of ${connections} idle connections`);
  assert.ok(gatehouse.descriptors() >= descriptors + connections - 200, 'the connections are open');
  assert.ok(each <= 2 * KiB, `${each} bytes`);

  // They still work.
  assert.equal((await clients[4_711].send(get).response()).status, 200);
});

test('60 s of everything: neither memory nor descriptors grow', { skip: without_gateway }, async (t) => {
  const handshake = 'GET /tunnel HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const upstream = await RecordingUpstream.start(t, ({ target }, socket) => {
    if (target === '/tunnel') socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');
    else if (target === '/cut') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhe');
    else if (target === '/500') socket.write('HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\nstack');
    else if (target === '/large') socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`);
    else socket.write(plain_answer);
  });
  const gatehouse = await startGatehouse(t, { to: upstream.url });
  const raw = async (bytes, use) => {
    const client = await RawClient.connect({ after() {} }, gatehouse.port);
    client.send(bytes);
    await use(client);
    client.reset();
  };
  const jobs = [
    () => raw(get.repeat(20), async (c) => { for (let i = 0; i < 20; i++) await c.response(); }),
    () => raw('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n', (c) => c.response()),
    () => raw('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n', (c) => c.bytes(10_000)),
    () => raw('GET /cut HTTP/1.1\r\nHost: localhost\r\n\r\n', (c) => c.ended()),
    () => raw('GET /500 HTTP/1.1\r\nHost: localhost\r\n\r\n', (c) => c.response()),
    () => raw('nonsense\r\n\r\n', (c) => c.response()),
    () => raw('GET / HT', async () => {}),
    () => raw('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhel', () => pause(2)),
    () => raw('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\nhel', (c) => c.response()),
    () => raw(handshake, async (c) => { await c.head(); c.send('\x81\x05hello'); await pause(2); }),
    () => request(gatehouse.url, { method: 'POST', path: '/', body: contentOf(100_000) }),
  ];
  const end = performance.now() + 60_000;
  let done = 0;
  const worker = async (n) => {
    while (performance.now() < end) await jobs[(n + done++) % jobs.length]();
  };
  const samples = [];
  const sampler = setInterval(() => {
    samples.push({ resident: gatehouse.residentKiB(), descriptors: gatehouse.descriptors() });
    upstream.connections = upstream.connections.filter((c) => !c.closed);
    upstream.requests = [];
    upstream.connections.forEach((c) => { c.requests = []; });
  }, 500);
  t.after(() => clearInterval(sampler));
  await Promise.all(Array.from({ length: 16 }, (_, n) => worker(n)));
  clearInterval(sampler);

  const most = (name, from, to) => Math.max(...samples.slice(from * samples.length, to * samples.length).map((s) => s[name]));
  const resident = [most('resident', 1 / 3, 2 / 3), most('resident', 2 / 3, 1)];
  t.diagnostic(`${done} exchanges or more; ${resident[0]} KiB at most in the second third, ${resident[1]} in the last`);
  assert.ok(resident[1] <= resident[0] + 1 * KiB, `resident: ${samples.map((s) => s.resident)}`);
  assert.ok(most('descriptors', 2 / 3, 1) <= most('descriptors', 1 / 3, 2 / 3) + 40, `descriptors: ${samples.map((s) => s.descriptors)}`);
  upstream.connections.forEach((c) => c.socket.destroy());
  await until(() => gatehouse.descriptors() <= samples[0].descriptors, 'the descriptors to be closed');
});

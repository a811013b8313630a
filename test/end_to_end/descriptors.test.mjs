// However exchanges end, no descriptor stays open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';

const request = (target, more = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const handshake = request('/tunnel',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n');

const answers = {
  '/': (socket) => socket.write(plain_answer),
  '/never': () => {},
  '/cut': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
  '/nothing': (socket) => socket.destroy(),
  '/noise': (socket) => socket.write('noise\r\n\r\n'),
  '/endless': (socket) => socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n${'x'.repeat(5000)}\r\n`),
  '/tunnel': (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'),
};

// How a client behaves. Each leaves in its own way.
const behaviours = {
  'says nothing': async () => {},
  'begins a head': async (c) => c.send('GET / HTT'),
  'sends nonsense': async (c) => c.send('nonsense\r\n\r\n').response(),
  'is served': async (c) => c.send(request('/')).response(),
  'is served and pipelines more': async (c) => c.send(request('/').repeat(5)).response(),
  'does not wait': async (c) => c.send(request('/never')),
  'sees a part': async (c) => c.send(request('/endless')).bytes(1000),
  'is cut with the upstream': async (c) => c.send(request('/cut')).ended(),
  'gets 502 for nothing': async (c) => c.send(request('/nothing')).response(),
  'gets 502 for noise': async (c) => c.send(request('/noise')).response(),
  'stops an upload': async (c) => c.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nhello'),
  'stops a chunked upload': async (c) => c.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'),
  'is refused an upload': async (c) => c.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\nhello').response(),
  'opens a tunnel': async (c) => c.send(handshake).head(),
  'talks through a tunnel': async (c) => (await c.send(handshake).head(), c.send('\x81\x05hello')),
};

test('500 exchanges that end badly', { skip: without_gateway }, async (t) => {
  const upstream = await RecordingUpstream.start(t, ({ target }, socket) => answers[target](socket));
  const gatehouse = await startGatehouse(t, { to: upstream.url });
  const one = async (n) => {
    const names = Object.keys(behaviours);
    const client = await RawClient.connect({ after() {} }, gatehouse.port);
    await behaviours[names[n % names.length]](client);
    if (Math.floor(n / names.length) % 2) client.reset();
    else client.socket.destroy();
  };
  const all = async (count) => {
    for (let n = 0; n < count; n += 25) await Promise.all(Array.from({ length: Math.min(25, count - n) }, (_, i) => one(n + i)));
    upstream.connections.forEach((c) => c.socket.destroy());  // those that wait idle
    upstream.connections = [];
  };
  const idle = gatehouse.descriptors();
  await all(75);  // whatever is opened once, is now
  const base = await until(() => {
    const now = gatehouse.descriptors();
    return now <= idle + 4 && now;
  }, `${gatehouse.descriptors()} descriptors to become about ${idle}`);
  await all(500);
  await until(() => gatehouse.descriptors() <= base, `${gatehouse.descriptors()} descriptors to become ${base}`);
  const client = await RawClient.connect(t, gatehouse.port);
  assert.equal((await client.send(request('/')).response()).status, 200);
});

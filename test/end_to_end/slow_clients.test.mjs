// Clients that take their time, or too much: they are told, and the others do not wait for them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './kit/client.mjs';
import { contentOf } from './kit/content.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { assertProblem } from './kit/security_headers.mjs';

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const KiB = 1024;

describe('slow clients', { skip: without_gateway }, () => {
  test('200 that dribble their heads do not delay a normal one, and get 408', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: upstream.url, config: '[limits]\nhead_timeout = "1500ms"\n' });
    const normal = async () => {
      const begin = performance.now();
      const client = await RawClient.connect(t, gatehouse.port);
      assert.equal((await client.send(get).response()).status, 200);
      client.socket.destroy();
      return performance.now() - begin;
    };
    const median = async () => {
      const times = [];
      for (let i = 0; i < 21; i++) times.push(await normal());
      return times.sort((a, b) => a - b)[10];
    };
    const alone = await median();

    const slow = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(t, gatehouse.port)));
    const text = 'GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Filler: ';
    let sent = 0;
    const dribble = setInterval(() => {
      slow.forEach((client) => !client.end && client.send(text[sent] ?? 'x'));
      sent++;
    }, 20);
    t.after(() => clearInterval(dribble));
    slow.forEach((client) => client.send('\r\n'));
    const among_them = await median();
    t.diagnostic(`median of a normal request: alone ${alone.toFixed(2)} ms, among 200 slow ones ${among_them.toFixed(2)} ms`);
    assert.ok(among_them < Math.max(1_000, alone * 20), `${among_them} ms, alone ${alone} ms`);

    const answers = await Promise.all(slow.map((client) => client.response()));
    clearInterval(dribble);
    answers.forEach((answer) => {
      assertProblem(answer, 408, 'The request header section took too long.');
      assert.equal(answer.get('connection'), 'close');
    });
    assert.equal(upstream.requests.filter(({ target }) => target === '/slow').length, 0);
  });

  test('an idle connection is closed without a word', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: upstream.url, config: '[limits]\nidle_timeout = "200ms"\n' });
    const client = await RawClient.connect(t, gatehouse.port);
    assert.equal((await client.send(get).response()).status, 200);
    assert.equal(await client.ended(), 'closed');
    assert.equal(client.received.length, 0);
  });

  for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
    test(`an upload that stops (${framing}): 408, and the upstream sees no whole request`, async (t) => {
      const upstream = await RecordingUpstream.start(t);
      const gatehouse = await startGatehouse(t, { to: upstream.url, config: '[limits]\nbody_idle_timeout = "200ms"\n' });
      const client = await RawClient.connect(t, gatehouse.port);
      client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n5\r\nhello\r\n`);
      assertProblem(await client.response(), 408, 'The request body took too long.');
      assert.equal(await client.ended(), 'closed');
      await upstream.when(() => upstream.connections.every((c) => c.closed), 'the end of the upload');
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('an upload that is too slow on average: 408', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, {
      to: upstream.url,
      config: '[limits]\nmin_body_rate = "10KiB"\nbody_rate_grace = "300ms"\n',
    });
    const client = await RawClient.connect(t, gatehouse.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n');
    const dribble = setInterval(() => client.send('x'), 20);
    t.after(() => clearInterval(dribble));
    assertProblem(await client.response(), 408, 'The request body arrives too slowly.');
  });
});

describe('an answer before the end of an upload', { skip: without_gateway }, () => {
  const refuse = async (t, config = '') => {
    const upstream = await RecordingUpstream.start(t);
    return startGatehouse(t, { to: upstream.url, config });
  };

  for (const framing of ['a length', 'chunks']) {
    test(`413 is read by a client that goes on sending (${framing})`, async (t) => {
      const gatehouse = await refuse(t, '[limits]\nmax_body = "10KiB"\n');
      const size = 200 * KiB;
      for (let i = 0; i < 20; i++) {
        const headers = framing === 'a length' ? { 'Content-Length': size } : {};
        assertProblem(await request(gatehouse.url, { method: 'POST', headers, body: contentOf(size) }), 413);
      }
    });
  }

  test('413 is read by a client that sends 20 MiB and does not look before it has', async (t) => {
    const gatehouse = await refuse(t);
    const size = 20 * KiB * KiB;
    const headers = { 'Content-Length': size };
    assertProblem(await request(gatehouse.url, { method: 'POST', headers, body: contentOf(size) }), 413);
    assertProblem(await request(gatehouse.url, { method: 'POST', body: contentOf(size) }), 413);
  });

  test('one that never stops sending is cut', async (t) => {
    const gatehouse = await refuse(t, '[limits]\nlinger_timeout = "500ms"\n');
    const client = await RawClient.connect(t, gatehouse.port);
    client.send(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n`);
    const pump = async () => {
      while (!client.socket.destroyed) {
        client.socket.write(Buffer.alloc(64 * KiB));
        await pause(1);
      }
    };
    const pumping = pump();
    await client.ended();
    await new Promise((resolve) => (client.socket.closed ? resolve() : client.socket.once('close', resolve)));
    await pumping;
    assert.ok(client.socket.bytesWritten < 64 * KiB * KiB);
  });

  test('the upstream\'s own early answer passes', async (t) => {
    const upstream = await RecordingUpstream.start(t, () => {});
    upstream.onConnection = (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'));
    const gatehouse = await startGatehouse(t, { to: upstream.url });
    const client = await RawClient.connect(t, gatehouse.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nthe beginning');
    const response = await client.response({ method: 'POST' });
    assert.deepEqual([response.status, response.text], [401, 'no']);
  });
});

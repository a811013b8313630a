// Whoever fails, and whenever: nobody takes a part for the whole, and nothing is left behind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient, reset } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';
import { assertHardened, assertProblem } from './kit/security_headers.mjs';

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const KiB = 1024;

/// An upstream, the gateway before it, and a client of that.
async function chain(t, answer, config) {
  const upstream = await RecordingUpstream.start(t, answer);
  const gatehouse = await startGatehouse(t, { to: upstream.url, config });
  return { upstream, gatehouse, client: await RawClient.connect(t, gatehouse.port) };
}

describe('an upstream that', { skip: without_gateway }, () => {
  test('is not there: 502, and the log says where', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    await upstream.stop();
    const gatehouse = await startGatehouse(t, { to: upstream.url });
    const client = await RawClient.connect(t, gatehouse.port);
    assertProblem(await client.send(get()).response(), 502, 'Bad Gateway');
    await gatehouse.says(`nothing listens on ${upstream.address}`);
    // The client's connection lives on, and the upstream may come back.
    assertProblem(await client.send(get()).response(), 502, 'Bad Gateway');
  });

  test('is named localhost: whatever family it listens on', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: `http://localhost:${upstream.port}` });
    const client = await RawClient.connect(t, gatehouse.port);
    assert.equal((await client.send(get()).response()).text, 'hello');
  });

  test('comes back is used again', async (t) => {
    const { upstream, client } = await chain(t);
    assert.equal((await client.send(get()).response()).status, 200);
    const { port } = upstream;
    await upstream.stop();
    assertProblem(await client.send(get()).response(), 502);
    await new Promise((resolve) => upstream.server.listen(port, '127.0.0.1', resolve));
    assert.equal((await client.send(get()).response()).status, 200);
  });

  // --- Answers that are none. Each row is what it says to a GET.
  const bad_answers = [
    { name: 'talks no HTTP', answer: 'SSH-2.0-OpenSSH_9.2\r\n' },
    { name: 'answers with noise', answer: '\x00\x01\x02\xff\xfe\r\n\r\n' },
    { name: 'closes without an answer', answer: '' },
    { name: 'closes inside the head', answer: 'HTTP/1.1 200 OK\r\nContent-Le' },
    { name: 'says both lengths', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' },
    { name: 'says two lengths', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!' },
    { name: 'splits its response', answer: 'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n' },
    { name: 'has a head without end', answer: `HTTP/1.1 200 OK\r\n${'X-Filler: 0123456789\r\n'.repeat(20_000)}` },
    { name: 'has one field without end', answer: `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(400 * KiB)}` },
    { name: 'has too many fields', answer: `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(1_000)}\r\n` },
    { name: 'never stops to say 103', answer: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(5_000) },
    { name: 'never stops to say 100', answer: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000) },
  ];
  for (const { name, answer } of bad_answers) {
    test(`${name}: 502`, async (t) => {
      const { client, gatehouse } = await chain(t, (_, socket) => socket.end(answer, 'latin1'));
      client.send(get());
      let got = await client.response();
      assertProblem(got, 502, 'Bad Gateway');
      assert.ok(got.interim.length <= 100, `${got.interim.length} interim responses passed`);
      await gatehouse.says(/upstream\./);
    });
  }

  test('sends more than it said: the rest is no answer to anybody', async (t) => {
    const { upstream, client } = await chain(t, (_, socket) => socket.write(`${plain_answer}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`));
    for (let i = 0; i < 3; i++) assert.equal((await client.send(get()).response()).text, 'hello');
    assert.equal(upstream.connections.length, 3);  // none was used again
  });

  test('speaks unasked on an idle connection: that is no answer to the next', async (t) => {
    const { upstream, client } = await chain(t);
    assert.equal((await client.send(get()).response()).text, 'hello');
    upstream.connections[0].socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    for (let i = 0; i < 5; i++) assert.equal((await client.send(get()).response()).text, 'hello');
  });

  // --- Cut in mid-body
  const cuts = [
    { name: 'with a length', head: `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n`, body: 'x'.repeat(100_000) },
    { name: 'in chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', body: '186a0\r\n' + 'x'.repeat(100_000) + '\r\n' },
    { name: 'inside a chunk', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', body: '30d40\r\n' + 'x'.repeat(100_000) },
    { name: 'before the last line', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', body: '3\r\nabc\r\n0\r\n' },
  ];
  for (const { name, head, body } of cuts) {
    for (const [how, cut] of [['an end', (socket) => socket.end()], ['a reset', reset]]) {
      test(`is cut ${name} by ${how}: so is its answer`, async (t) => {
        const { client } = await chain(t, (_, socket) => socket.write(head + body, () => setImmediate(() => cut(socket))));
        client.send(get());
        const response = await client.response();
        if (response) assertProblem(response, 502);  // it was cut before the head was passed on
        await client.ended();
      });
    }
    test(`is cut ${name}: Node's client knows`, async (t) => {
      const { gatehouse } = await chain(t, (_, socket) => socket.end(head + body));
      await assert.rejects(request(gatehouse.url).then(({ status }) => assert.notEqual(status, 502, 'that is as good')), /aborted|ECONNRESET|as good/);
    });
  }
});

describe('a client that leaves', { skip: without_gateway }, () => {
  const uploads = [
    { name: 'with a length', head: 'Content-Length: 100000', body: 'x'.repeat(50_000) },
    { name: 'in chunks', head: 'Transfer-Encoding: chunked', body: '186a0\r\n' + 'x'.repeat(50_000) },
    { name: 'between chunks', head: 'Transfer-Encoding: chunked', body: '5\r\nhello\r\n' },
  ];
  for (const { name, head, body } of uploads) {
    for (const how of ['halfClose', 'reset']) {
      test(`in mid-upload ${name} (${how}): the upstream sees no whole request`, async (t) => {
        const { upstream, client } = await chain(t);
        client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n${head}\r\n\r\n${body}`);
        await upstream.when(() => upstream.byteCount > 5, 'the beginning of the upload');
        client[how]();
        await upstream.when(() => upstream.connections[0].closed, 'the end of the upload');
        assert.equal(upstream.requests.length, 0);
      });
    }
  }

  test('while it waits: the upstream is told', async (t) => {
    const { upstream, client } = await chain(t, () => {});
    client.send(get());
    await upstream.when(() => upstream.requests.length === 1, 'the request');
    client.reset();
    await upstream.when(() => upstream.connections[0].closed, 'the end');
  });

  test('in mid-download: the upstream is told', async (t) => {
    const { upstream, client } = await chain(t, (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
      const more = () => {
        if (!socket.destroyed) socket.write('x'.repeat(64 * KiB), more);
      };
      more();
    });
    client.send(get());
    await client.bytes(100_000);
    client.reset();
    await upstream.when(() => upstream.connections[0].closed, 'the end');
  });

  test('without reading: the upstream is slowed down, not buffered', async (t) => {
    let written = 0;
    const { upstream, client, gatehouse } = await chain(t, (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
      const more = () => {
        if (!socket.destroyed) socket.write(Buffer.alloc(64 * KiB), () => { written += 64 * KiB; more(); });
      };
      more();
    });
    const resident = gatehouse.residentKiB();
    client.socket.pause();
    client.send(get());
    // It stops: that it stays so is what has to be waited for.
    let before = -1;
    await until(async () => {
      const now = written;
      await pause(300);
      const stopped = now > 0 && now === written && now === before;
      before = now;
      return stopped;
    }, 'the upstream to be held');
    // Kernel buffers of two connections, and ours.
    assert.ok(written < 64 * KiB * KiB, `${written} bytes were taken`);
    const more = gatehouse.residentKiB() - resident;
    assert.ok(more < 16 * KiB, `${more} KiB more`);
    client.reset();
    await upstream.when(() => upstream.connections[0].closed, 'the end');
  });
});

describe('the gateway', { skip: without_gateway }, () => {
  const download = (_, socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(100_000)}`);

  test('killed in mid-download: the client sees that it is not whole', async (t) => {
    const { client, gatehouse } = await chain(t, download);
    client.send(get());
    await client.bytes(100_000);
    await gatehouse.kill();
    assert.equal(await client.response(), null);
  });

  test('killed in mid-upload: the upstream sees no whole request', async (t) => {
    const { upstream, client, gatehouse } = await chain(t);
    client.send(`POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await upstream.when(() => upstream.byteCount > 5, 'the beginning of the upload');
    await gatehouse.kill();
    await upstream.when(() => upstream.connections[0].closed, 'the end of the upload');
    assert.equal(upstream.requests.length, 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT']) {
    test(`asked to stop (${signal}): what runs is finished, what idles is closed, then it ends with 0`, async (t) => {
      let finish;
      const { upstream, client, gatehouse } = await chain(t, (request, socket) => {
        if (request.target === '/slow') finish = () => socket.write(plain_answer);
        else socket.write(plain_answer);
      });
      const idle = await RawClient.connect(t, gatehouse.port);
      assert.equal((await idle.send(get()).response()).status, 200);
      const silent = await RawClient.connect(t, gatehouse.port);
      client.send(get('/slow'));
      await upstream.when(() => finish, 'the slow request');
      gatehouse.signal(signal);
      assert.equal(await idle.ended(), 'closed');
      assert.equal(await silent.ended(), 'closed');
      // Each loop has its own listener, and closes it in its own time.
      await until(() => RawClient.connect(t, gatehouse.port).then(() => false, ({ code }) => code === 'ECONNREFUSED'), 'a refusal to connect');
      finish();
      const last = await client.response();
      assert.deepEqual([last.status, last.text, last.get('connection')], [200, 'hello', 'close']);
      assertHardened(last.fields);
      assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
    });
  }

  test('asked to stop while a request never ends: it is cut when the time is over', async (t) => {
    const { upstream, client, gatehouse } = await chain(t, () => {}, '[limits]\nshutdown_timeout = "300ms"\n');
    client.send(get());
    await upstream.when(() => upstream.requests.length === 1, 'the request');
    gatehouse.signal('SIGTERM');
    const { code, signal } = await gatehouse.exited;
    assert.equal(signal, null);
    assert.ok(code === 0 || code === 1, `exit code ${code}`);
    const answer = await client.response();
    if (answer) assertProblem(answer, 503);
  });
});

// Services and routes with real Node upstreams: who answers, and what a client notices when one is killed, hangs, talks
// garbage or flaps.
import assert from 'node:assert/strict';
import http from 'node:http';
import { rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';
import { assertHardened, assertProblem } from './kit/security_headers.mjs';

const script = fileURLToPath(new URL('fixtures/upstream.mjs', import.meta.url));

/// A Node service in a process of its own. `where`: a port that it had before, or unix:PATH.
async function startUpstream(t, name, where = '0') {
  const upstream = new ChildProcess(t, process.execPath, [script, name, String(where)]);
  const [, url] = await upstream.says(/upstream on (\S+)/);
  return Object.assign(upstream, { name, url, port: Number(url.split(':').at(-1)) });
}

const service = (name, urls, more = '') => `[service.${name}]\nupstreams = ${JSON.stringify(urls)}\n${more}\n`;
const who = (response) => response.json().name;

/// Requests one after the other on a connection of their own, until told to stop. Counts what came of them.
class Load {
  counts = {};
  by = {};
  #running = [];
  #stopped = false;

  constructor(url, { clients = 8, options = () => ({}) } = {}) {
    for (let i = 0; i < clients; i++) this.#running.push(this.#run(url, options));
  }

  async #run(url, options) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#stopped) {
      const response = await request(url, { agent, ...options() }).catch((e) => ({ status: e.code ?? e.message }));
      this.counts[response.status] = (this.counts[response.status] ?? 0) + 1;
      const name = response.status === 200 ? who(response) : undefined;
      if (name) this.by[name] = (this.by[name] ?? 0) + 1;
    }
    agent.destroy();
  }

  /// Until this many more have been answered by `name`.
  more(name, count) {
    const wanted = (this.by[name] ?? 0) + count;
    return until(() => (this.by[name] ?? 0) >= wanted, `${count} answers of ${name}`);
  }
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#running);
  }
}

describe('routes', { skip: without_gateway }, () => {
  test('lead by host, path and method to their services', async (t) => {
    const [web, notes, admin] = await Promise.all(['web', 'notes', 'admin'].map((name) => startUpstream(t, name)));
    const gatehouse = await startGatehouse(t, {
      to: web.url,
      config: `
${service('notes', [notes.url])}
${service('admin', [admin.url])}
[[route]]
match = "/notes/*"
methods = ["GET", "POST"]
service = "notes"
strip_prefix = "/notes"
[[route]]
host = "admin.example.com"
service = "admin"
[[route]]
match = "/upload"
limits.max_body = "10B"
[[route]]
match = "/page/*"
headers.x_frame_options = "SAMEORIGIN"
`,
    });
    const rows = [
      // path, host, who, as forwarded
      ['/', 'localhost', 'web', '/'],
      ['/notes', 'localhost', 'notes', '/'],
      ['/notes?a=1', 'localhost', 'notes', '/?a=1'],
      ['/notes/1?a=/notes', 'localhost', 'notes', '/1?a=/notes'],
      ['/notesx', 'localhost', 'web', '/notesx'],
      ['/notes/1', 'admin.example.com', 'admin', '/notes/1'],
      ['/x', 'ADMIN.example.com:8080', 'admin', '/x'],
    ];
    for (const [path, host, name, url] of rows) {
      const got = await request(gatehouse.url, { path, headers: { host } });
      assert.deepEqual([got.status, got.json().name, got.json().url, got.json().host], [200, name, url, host], path);
      assertHardened(got.fields);
    }
    const refused = await request(gatehouse.url, { method: 'PUT', path: '/notes/1', body: 'x' });
    assertProblem(refused, 405);
    assert.equal(refused.get('allow'), 'GET, HEAD, POST, OPTIONS');
    const options = await request(gatehouse.url, { method: 'OPTIONS', path: '/notes/1' });
    assert.deepEqual([options.status, options.get('allow')], [204, 'GET, HEAD, POST, OPTIONS']);
    assert.equal((await request(gatehouse.url, { headers: { host: 'other.example.com' } })).status, 421);
    assert.equal((await request(gatehouse.url, { method: 'POST', path: '/upload', body: '0123456789' })).status, 200);
    assertProblem(await request(gatehouse.url, { method: 'POST', path: '/upload', body: '0123456789a' }), 413);
    assert.equal((await request(gatehouse.url, { path: '/page/x' })).get('x-frame-options'), 'SAMEORIGIN');
    assert.equal((await request(gatehouse.url, { path: '/' })).get('x-frame-options'), 'DENY');
  });

  test('come from included files, and without upstream the rest is not found', async (t) => {
    const notes = await startUpstream(t, 'notes');
    const folder = join(tmpdir(), `gatehouse-routes-${process.pid}`);
    mkdirSync(folder);
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'notes.toml'), `${service('notes', [notes.url])}[[route]]\nmatch = "/notes/*"\nservice = "notes"\n`);
    const gatehouse = await startGatehouse(t, { config: `include = ["${folder}/*.toml"]\n` });
    assert.equal(who(await request(gatehouse.url, { path: '/notes/1' })), 'notes');
    assertProblem(await request(gatehouse.url, { path: '/' }), 404);
  });

  test('lead to Unix sockets', async (t) => {
    const path = join(tmpdir(), `gatehouse-upstream-${process.pid}.sock`);
    const upstream = await startUpstream(t, 'local', `unix:${path}`);
    t.after(() => rmSync(path, { force: true }));
    const gatehouse = await startGatehouse(t, { to: upstream.url, config: '[proxy]\nhost = "upstream"\n' });
    for (let i = 0; i < 3; i++) {
      const got = await request(gatehouse.url, { method: 'POST', path: '/x', body: 'hello' });
      assert.deepEqual(got.json(), { name: 'local', url: '/x', method: 'POST', host: 'localhost', size: 5 });
    }
    await upstream.kill();
    assertProblem(await request(gatehouse.url), 502);
    await gatehouse.says(/nothing listens on unix:/);
  });

  test('are served on every listener, each with its own idea of a loopback name', async (t) => {
    const upstream = await startUpstream(t, 'a');
    const gatehouse = await startGatehouse(t, {
      to: upstream.url, args: ['--listen', '[::1]:0', '--listen', '0.0.0.0:0'], config: 'insecure_plain_http = true\n',
    });
    const [, v6] = await gatehouse.says(/listening on http:\/\/\[::1\]:(\d+)/);
    const [, all] = await gatehouse.says(/listening on http:\/\/0\.0\.0\.0:(\d+)/);
    const headers = { host: 'rebound.example.com' };
    assert.equal((await request(gatehouse.url)).status, 200);
    const six = await new Promise((resolve) => http.get({ host: '::1', port: v6 }, resolve));
    six.resume();
    assert.equal(six.statusCode, 200);
    assert.equal((await request(`http://127.0.0.1:${all}`, { headers })).status, 200);
    assert.equal((await request(gatehouse.url, { headers })).status, 421, 'a loopback listener answers to loopback names only');
  });
});

describe('of two upstreams', { skip: without_gateway }, () => {
  test('one is killed under load and comes back: only what cannot safely be repeated is lost', async (t) => {
    const [a, b] = await Promise.all([startUpstream(t, 'a'), startUpstream(t, 'b')]);
    const gatehouse = await startGatehouse(t, { config: service('x', [a.url, b.url]) + '[[route]]\nservice = "x"\n' });
    const load = new Load(gatehouse.url, { options: () => ({ path: '/slow' }) });
    await Promise.all([load.more('a', 20), load.more('b', 20)]);
    await a.kill();
    await load.more('b', 50);
    const again = await startUpstream(t, 'a', a.port);
    await load.more('a', 20);
    await load.stop();
    assert.deepEqual(Object.keys(load.counts), ['200'], 'GETs are safe to repeat');
    await gatehouse.says(`${a.url.slice(7)} is out of use`);
    await gatehouse.says(`${a.url.slice(7)} is in use again`);
    assert.equal(again.ended, undefined);
  });

  test('one is killed under load of POSTs: at most those that it was working on are lost', async (t) => {
    const [a, b] = await Promise.all([startUpstream(t, 'a'), startUpstream(t, 'b')]);
    const gatehouse = await startGatehouse(t, { config: service('x', [a.url, b.url]) + '[[route]]\nservice = "x"\n' });
    const load = new Load(gatehouse.url, { clients: 8, options: () => ({ method: 'POST', path: '/slow', body: 'x' }) });
    await Promise.all([load.more('a', 20), load.more('b', 20)]);
    await a.kill();
    await load.more('b', 50);
    await load.stop();
    const { 200: good, 502: lost = 0, ...other } = load.counts;
    assert.deepEqual(other, {});
    assert.ok(good > 90 && lost <= 8, `${lost} lost of ${good + lost}: each client has one request under way`);
  });

  const troubles = [
    { name: 'talks garbage', answer: (_, socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'), status: 502, reason: 'upstream.invalid-response' },
    { name: 'hangs', answer: () => {}, status: 504, reason: 'upstream.timeout' },
    { name: 'answers too slowly', answer: (_, socket) => setTimeout(() => socket.write(plain_answer), 400), status: 504, reason: 'upstream.timeout' },
  ];
  for (const { name, answer, status, reason } of troubles) {
    test(`one ${name}: three requests notice, then the other takes all, until it is well`, async (t) => {
      const bad = await RecordingUpstream.start(t, answer);
      const good = await startUpstream(t, 'good');
      const gatehouse = await startGatehouse(t, {
        config: service('x', [bad.url, good.url], 'first_byte_timeout = "200ms"\npassive_health.out_for = "300ms"\n') + '[[route]]\nservice = "x"\n',
      });
      const seen = {};
      for (let i = 0; i < 12; i++) {
        const got = await request(gatehouse.url);
        seen[got.status] = (seen[got.status] ?? 0) + 1;
        if (got.status !== 200) assertProblem(got, status);
      }
      // Probes may have come and failed meanwhile: one each time, at longer and longer intervals.
      assert.ok(seen[status] >= 3 && seen[status] <= 5, JSON.stringify(seen));
      await gatehouse.says(`the answer of ${bad.address} was not passed on: ${reason}`);
      await gatehouse.says(`${bad.address} is out of use`);
      bad.answer = (_, socket) => socket.write(plain_answer);
      await until(async () => (await request(gatehouse.url)).body.toString() === 'hello', 'it to be used again');
      await gatehouse.says(`${bad.address} is in use again`);
    });
  }

  test('both are down: at once 502, and both are back without a restart', async (t) => {
    const [a, b] = await Promise.all([startUpstream(t, 'a'), startUpstream(t, 'b')]);
    const gatehouse = await startGatehouse(t, { config: service('x', [a.url, b.url]) + '[[route]]\nservice = "x"\n' });
    await Promise.all([a.kill(), b.kill()]);
    for (let i = 0; i < 10; i++) assertProblem(await request(gatehouse.url), 502);
    await Promise.all([startUpstream(t, 'a', a.port), startUpstream(t, 'b', b.port)]);
    // Nobody waits for a time to be over when there is nothing else: the first two requests probe.
    for (let i = 0; i < 2; i++) assert.equal((await request(gatehouse.url)).status, 200);
  });

  test('both hang: one request probes each, the others are told at once', async (t) => {
    const silent = await Promise.all([0, 1].map(() => RecordingUpstream.start(t, () => {})));
    const gatehouse = await startGatehouse(t, {
      config: service('x', silent.map((s) => s.url), 'first_byte_timeout = "500ms"\npassive_health.failures = 1\n') + '[[route]]\nservice = "x"\n',
    });
    for (let i = 0; i < 2; i++) assertProblem(await request(gatehouse.url), 504);
    const all = await Promise.all(Array.from({ length: 20 }, () => request(gatehouse.url)));
    const statuses = all.map((r) => r.status).sort();
    assert.deepEqual(statuses, [...Array(18).fill(503), 504, 504]);
    const record = await until(() => gatehouse.records().find((r) => r.reason === 'upstream.unavailable'), 'its record');
    assert.equal(record.status, 503);
  });

  test('one flaps: it is left out for longer each time', async (t) => {
    const good = await startUpstream(t, 'good');
    const flapping = await RecordingUpstream.start(t, (_, socket) => socket.end('noise\r\n\r\n'));
    const gatehouse = await startGatehouse(t, {
      config: service('x', [flapping.url, good.url], 'passive_health.failures = 1\npassive_health.out_for = "100ms"\n') + '[[route]]\nservice = "x"\n',
    });
    const begin = Date.now();
    const bad_at = [];
    while (Date.now() - begin < 2_000) {
      if ((await request(gatehouse.url)).status !== 200) bad_at.push(Date.now() - begin);
    }
    // 100, 200, 400, 800 ms and more between them: about five in two seconds, of thousands of requests.
    assert.ok(bad_at.length >= 3 && bad_at.length <= 6, `at ${bad_at}`);
  });

  test('one fails its health check: it is left out before a request notices, and comes back', async (t) => {
    let well = true;
    const checked = await RecordingUpstream.start(t, (request, socket) => {
      const status = request.target === '/health' && !well ? '500 Internal Server Error' : '200 OK';
      socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 7\r\n\r\nchecked`);
    });
    const other = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, {
      config: service('x', [checked.url, other.url], '[service.x.active_health]\npath = "/health"\ninterval = "100ms"\nunhealthy = 1\nhealthy = 1') + '[[route]]\nservice = "x"\n',
    });
    const answers = async () => {
      const all = new Set();
      for (let i = 0; i < 8; i++) all.add((await request(gatehouse.url)).body.toString());
      return [...all].sort().join();
    };
    assert.equal(await answers(), 'checked,hello');
    well = false;
    await gatehouse.says(`${checked.address} is out of use`);
    assert.equal(await answers(), 'hello');
    well = true;
    await gatehouse.says(`${checked.address} is in use again`);
    assert.equal(await answers(), 'checked,hello');
  });
});

// Metrics, health and readiness of the real program: what is shown is what happened, and no client can make series.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Authority, install } from './kit/certificates.mjs';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { program, source_dir, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';

const telemetry = '[telemetry]\nlisten = "127.0.0.1:0"\n';

async function start(t, config, options = {}) {
  const gatehouse = await startGatehouse(t, { config: `${config}\n${telemetry}`, ...options });
  const [, url] = await gatehouse.says(/telemetry on (http:\/\/127\.0\.0\.1:\d+)/);
  gatehouse.telemetry = url;
  gatehouse.ask = async (path) => {
    const { status, body } = await request(url, { path });
    return `${status} ${body}`;
  };
  gatehouse.metrics = async () => new Metrics((await request(url, { path: '/metrics' })).body.toString());
  return gatehouse;
}

/// The text format, taken apart. Every line must belong to a family that was announced, and no series stands there twice.
class Metrics {
  types = new Map();   // family → type
  series = new Map();  // 'name{a="1"}' → value

  constructor(text) {
    assert.ok(text.endsWith('\n'));
    for (const line of text.trimEnd().split('\n')) {
      const type = line.match(/^# TYPE (\w+) (\w+)$/);
      if (type) this.types.set(type[1], type[2]);
      if (line.startsWith('#')) continue;
      const [, key, name, value] = line.match(/^((\w+)(?:\{.*\})?) (\S+)$/) ?? assert.fail(`not a series: ${line}`);
      assert.ok(this.types.has(name.replace(/_(bucket|sum|count)$/, '')) || this.types.has(name), line);
      assert.ok(!this.series.has(key), `twice: ${key}`);
      this.series.set(key, Number(value));
    }
  }
  get(key) { return this.series.get(key); }
  /// The sum over all series of this name whose labels have these texts.
  sum(name, ...having) {
    return [...this.series].filter(([key]) => key.startsWith(`${name}{`) && having.every((text) => key.includes(text)))
      .reduce((sum, [, value]) => sum + value, 0);
  }
}

const close = { headers: { Connection: 'close' } };
const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('telemetry', { skip: without_gateway }, () => {
  test('counts what was sent, while it is scraped', async (t) => {
    const notes = await RecordingUpstream.start(t);
    const broken = await RecordingUpstream.start(t, (_, socket) => socket.write('garbage\r\n\r\n'));
    const gatehouse = await start(t, `
upstream = "${notes.url}"
[service.broken]
upstreams = "${broken.url}"
[[route]]
match = "/broken/:id"
service = "broken"
[[route]]
match = "/only-get"
methods = ["GET"]
`);
    let scrapes = 0;
    let stop = false;
    const scraping = (async () => {
      while (!stop) {
        await gatehouse.metrics();
        scrapes++;
      }
    })();
    const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.connect(t, gatehouse.port)));
    await Promise.all(clients.map(async (client, i) => {
      for (let n = 0; n < 25; n++) assert.equal((await client.send(get(`/${i}/${n}`)).response()).text, 'hello');
    }));
    for (let n = 0; n < 5; n++) await request(gatehouse.url, { ...close, path: `/broken/${n}` });
    for (let n = 0; n < 3; n++) await request(gatehouse.url, { ...close, method: 'PUT', path: '/only-get' });
    await request(gatehouse.url, { headers: { Host: 'evil.example', Connection: 'close' } });
    await request(gatehouse.url, { ...close, method: 'POST', path: '/', body: 'x'.repeat(1000) });
    stop = true;
    await scraping;
    assert.ok(scrapes > 0);

    const m = await until(async () => {
      const now = await gatehouse.metrics();
      return now.sum('gatehouse_requests_total') === 210 && now;
    }, 'all 210 requests are counted');
    const want = {
      'gatehouse_requests_total{method="GET",status="2xx"}': 200,
      'gatehouse_requests_total{method="GET",status="5xx"}': 5,
      'gatehouse_requests_total{method="PUT",status="4xx"}': 3,
      'gatehouse_requests_total{method="GET",status="4xx"}': 1,
      'gatehouse_requests_total{method="POST",status="2xx"}': 1,
      'gatehouse_requests_in_progress': 0,
      'gatehouse_requests_aborted_total': 0,
      'gatehouse_route_requests_total{route="/*",status="2xx"}': 201,
      'gatehouse_route_requests_total{route="/broken/:id",status="5xx"}': 5,
      'gatehouse_route_requests_total{route="/only-get",status="4xx"}': 3,
      'gatehouse_request_duration_seconds_count': 210,
      'gatehouse_request_duration_seconds_bucket{le="+Inf"}': 210,
      'gatehouse_decisions_total{decision="refused",reason="upstream.invalid-response"}': 5,
      'gatehouse_decisions_total{decision="refused",reason="http.method-not-allowed"}': 3,
      'gatehouse_decisions_total{decision="refused",reason="http.host-not-allowed"}': 1,
      'gatehouse_decisions_total{decision="would_refuse",reason="http.host-not-allowed"}': 0,
      'gatehouse_request_content_bytes_total': 1000,
      'gatehouse_connections_accepted_total': 18,
      'gatehouse_connections_refused_total': 0,
      [`gatehouse_upstream_requests_total{service="",upstream="${notes.address}"}`]: 201,
      [`gatehouse_upstream_failures_total{service="",upstream="${notes.address}"}`]: 0,
      [`gatehouse_upstream_requests_total{service="broken",upstream="${broken.address}"}`]: 5,
      [`gatehouse_upstream_failures_total{service="broken",upstream="${broken.address}"}`]: 5,
      [`gatehouse_upstream_in_use{service="",upstream="${notes.address}"}`]: 1,
      [`gatehouse_upstream_connections{service="",upstream="${notes.address}",state="busy"}`]: 0,
      'gatehouse_buffered_body_limit_bytes': 256 * 1024 * 1024,
      'gatehouse_log_lines_dropped_total': 0,
      'gatehouse_config_reloads_total{result="ok"}': 0,
      'gatehouse_config_last_reload_successful': 1,
    };
    for (const [key, value] of Object.entries(want)) assert.equal(m.get(key), value, key);
    assert.ok(m.get('gatehouse_response_content_bytes_total') >= 201 * 5);
    assert.ok(m.get('gatehouse_request_duration_seconds_sum') > 0);
    assert.ok(m.get('gatehouse_connections_open') >= 8);
    assert.ok(m.get('process_resident_memory_bytes') > 1e6);
    assert.ok(Math.abs(m.get('process_start_time_seconds') - Date.now() / 1000) < 300);
    assert.ok(m.get('gatehouse_config_last_success_timestamp_seconds') > m.get('process_start_time_seconds') - 2);
  });

  test('is what docs/telemetry.md says, every metric and label', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const certificate = new Authority(t).issue(['localhost', '127.0.0.1']);
    const gatehouse = await start(t, `upstream = "${upstream.url}"\n[tls]\ncertificate = "a.pem"\nkey = "a.key"`, {
      before: (folder) => install(folder, certificate),
    });
    const text = readFileSync(join(source_dir, 'docs/telemetry.md'), 'utf8');
    const documented = [...text.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \|(.*?)\|/gm)]
      .map(([, name, type, labels]) => [name, type, [...labels.matchAll(/`(\w+)`/g)].map(([, l]) => l).join()].join(' '));
    const m = await gatehouse.metrics();
    const served = [...m.types].map(([name, type]) => {
      const key = [...m.series.keys()].find((k) => k.replace(/[{].*/, '').replace(/_(bucket|sum|count)$/, '') === name);
      return [name, type, [...(key ?? '').matchAll(/(\w+)="/g)].map(([, l]) => l).filter((l) => l !== 'le').join()].join(' ');
    });
    assert.deepEqual(served.sort(), documented.sort());
  });

  test('has no more series after 10,000 paths and methods that nobody knows', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await start(t, `
[service.notes]
upstreams = "${upstream.url}"
[[route]]
match = "/notes/:id"
service = "notes"
`);
    const before = await gatehouse.metrics();
    const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(t, gatehouse.port)));
    const count = 10_000;
    await Promise.all(clients.map(async (client, c) => {
      const mine = count / clients.length;
      for (let n = 0; n < mine; n += 50) {
        // Pipelined, fifty at a time; every one a path of its own, a tenth of them a route's.
        client.send(Array.from({ length: 50 }, (_, i) => get(`${i % 10 ? '' : '/notes'}/${c}-${n + i}`)).join(''));
        for (let i = 0; i < 50; i++) assert.ok([200, 404].includes((await client.response()).status));
      }
    }));
    for (let n = 0; n < 50; n++) {
      const client = await RawClient.connect(t, gatehouse.port);
      assert.equal((await client.send(`BREW${n} / HTTP/1.1\r\nHost: a${n}.example\r\n\r\n`).response()).status, 501);
    }
    const after = await until(async () => {
      const now = await gatehouse.metrics();
      return now.sum('gatehouse_requests_total') === count + 50 && now;
    }, 'all are counted');
    assert.deepEqual([...after.series.keys()], [...before.series.keys()]);
    assert.equal(after.get('gatehouse_requests_total{method="other",status="5xx"}'), 50);
    assert.equal(after.get('gatehouse_route_requests_total{route="/notes/:id",status="2xx"}'), count / 10);
    assert.equal(after.sum('gatehouse_route_requests_total', 'route="none"'), count * 9 / 10 + 50);
  });

  test('shows reloads, and keeps counting over them', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await start(t, `upstream = "${upstream.url}"`);
    const file = join(gatehouse.folder, 'gatehouse.toml');
    const write = (text) => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    };
    await request(gatehouse.url, close);
    write(`upstream = "nowhere"\n${telemetry}`);
    const failed = await until(async () => {
      const m = await gatehouse.metrics();
      return m.get('gatehouse_config_reloads_total{result="failed"}') === 1 && m;
    }, 'a failed reload is counted');
    assert.equal(failed.get('gatehouse_config_last_reload_successful'), 0);
    write(`upstream = "${upstream.url}"\n[[route]]\nmatch = "/new"\n${telemetry}`);
    await until(async () => (await gatehouse.metrics()).get('gatehouse_config_reloads_total{result="ok"}') === 1, 'a reload is counted');
    await request(gatehouse.url, { ...close, path: '/new' });
    const m = await until(async () => {
      const now = await gatehouse.metrics();
      return now.get('gatehouse_route_requests_total{route="/new",status="2xx"}') === 1 && now;
    }, 'a route that is new is counted');
    assert.equal(m.get('gatehouse_config_last_reload_successful'), 1);
    assert.equal(m.get('gatehouse_route_requests_total{route="/*",status="2xx"}'), 1);
    assert.equal(m.get(`gatehouse_upstream_requests_total{service="",upstream="${upstream.address}"}`), 2);
  });

  test('is ready until the first SIGTERM, and accepts for shutdown_delay after it', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await start(t, `upstream = "${upstream.url}"\n[limits]\nshutdown_delay = "1h"`);
    assert.equal(await gatehouse.ask('/ready'), '200 ready\n');
    assert.equal(await gatehouse.ask('/health'), '200 ok\n');
    gatehouse.signal('SIGTERM');
    await until(async () => await gatehouse.ask('/ready') === '503 stopping\n', 'not ready');
    assert.equal(await gatehouse.ask('/health'), '200 ok\n');
    assert.equal((await request(gatehouse.url, close)).status, 200);  // a new connection, too
    gatehouse.signal('SIGTERM');
    assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
  });

  test('the delay ends by itself, and what runs then ends well', async (t) => {
    let finish;
    const slow = await RecordingUpstream.start(t, (_, socket) => { finish = () => socket.write(plain_answer); });
    const gatehouse = await start(t, `upstream = "${slow.url}"\n[limits]\nshutdown_delay = "100ms"`);
    const client = await RawClient.connect(t, gatehouse.port);
    client.send(get());
    await slow.when(() => finish, 'the slow request');
    gatehouse.signal('SIGTERM');
    const refused = () => new Promise((resolve) => {
      const socket = net.connect(gatehouse.port, '127.0.0.1', () => { socket.destroy(); resolve(false); });
      socket.on('error', () => resolve(true));
    });
    await until(refused, 'nobody listens');
    finish();
    assert.equal((await client.response()).text, 'hello');
    assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
  });

  test('is not ready when the active check says that every upstream is out', async (t) => {
    let well = true;
    const upstream = await RecordingUpstream.start(t, (_, socket) => socket.write(
      well ? plain_answer : 'HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n'));
    const gatehouse = await start(t, `
upstream = "${upstream.url}"
[proxy]
active_health.path = "/health"
active_health.interval = "100ms"
active_health.unhealthy = 1
active_health.healthy = 1
`);
    assert.equal(await gatehouse.ask('/ready'), '200 ready\n');
    well = false;
    await until(async () => await gatehouse.ask('/ready') === '503 every upstream is out\n', 'not ready');
    assert.equal((await gatehouse.metrics()).get(`gatehouse_upstream_in_use{service="",upstream="${upstream.address}"}`), 0);
    well = true;
    await until(async () => await gatehouse.ask('/ready') === '200 ready\n', 'ready again');
  });

  test('is bland to those who ask for other things, and hardened', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await start(t, `upstream = "${upstream.url}"`);
    const metrics = await request(gatehouse.telemetry, { path: '/metrics' });
    assert.equal(metrics.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(metrics.get('x-content-type-options'), 'nosniff');
    const head = await request(gatehouse.telemetry, { method: 'HEAD', path: '/metrics' });
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal((await request(gatehouse.telemetry, { path: '/' })).status, 404);
    assert.equal((await request(gatehouse.telemetry, { method: 'POST', path: '/metrics' })).status, 405);
    assert.equal((await request(gatehouse.telemetry, { path: '/metrics', headers: { Host: 'rebound.example' } })).status, 421);
    // Of the front door it is no part.
    await request(gatehouse.url, { path: '/metrics' });
    assert.equal(upstream.requests.at(-1).target, '/metrics');
  });

  test('an address that is taken is one clear message', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: upstream.url });
    writeFileSync(join(gatehouse.folder, 'taken.toml'), `upstream = "${upstream.url}"\n[telemetry]\nlisten = "${upstream.address}"\n`);
    const taken = new ChildProcess(t, program, ['run', '--listen', '127.0.0.1:0', '-c', join(gatehouse.folder, 'taken.toml')]);
    assert.deepEqual(await taken.exited, { code: 1, signal: null });
    assert.match(taken.output, new RegExp(`^gatehouse: telemetry.listen: another program listens on ${upstream.address}\n`));
  });
});

describe('traces', { skip: without_gateway }, () => {
  test('go on as they came, or begin here; the log has them', async (t) => {
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: upstream.url });
    const theirs = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    const field = (name) => upstream.requests.at(-1).get(name);
    const logged = (path) => until(() => gatehouse.records().find((r) => r.path === path), `the log has ${path}`);

    await request(gatehouse.url, { path: '/kept', headers: { traceparent: theirs, tracestate: 'vendor=1' } });
    assert.deepEqual([field('traceparent'), field('tracestate')], [theirs, 'vendor=1']);
    assert.equal((await logged('/kept')).trace, '0af7651916cd43dd8448eb211c80319c');

    const answer = await request(gatehouse.url, { path: '/begun', headers: { traceparent: theirs.toUpperCase(), tracestate: 'vendor=1' } });
    assert.match(field('traceparent'), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(field('tracestate'), undefined);
    const { trace, id } = await logged('/begun');
    assert.equal(trace, field('traceparent').slice(3, 35));
    assert.equal(trace, id.replaceAll('-', ''));
    assert.equal(answer.get('traceparent'), undefined);
  });
});

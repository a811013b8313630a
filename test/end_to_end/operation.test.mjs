// What an operator does with a gateway that runs: watching only, and rotating its log.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';

const upstream = (t) => RecordingUpstream.start(t, (_, socket) => socket.write(plain_answer));
/// Of a file's whole lines: the last one may be on its way.
const records = (file) => readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line));
const has = (file, event) => until(() => existsSync(file) && records(file).some((r) => r.event === event), `${event} in ${file}`);

describe('report_only', { skip: without_gateway }, () => {
  const foreign = 'GET /notes HTTP/1.1\r\nHost: evil.example\r\n\r\n';

  test('lets through what a rule would refuse, and says so', async (t) => {
    const api = await upstream(t);
    for (const watching of [false, true]) {
      const gatehouse = await startGatehouse(t, { config: `upstream = "${api.url}"\nreport_only = ${watching}\n` });
      const client = await RawClient.connect(t, gatehouse.port);
      assert.equal((await client.send(foreign).response()).status, watching ? 200 : 421);
      const line = () => gatehouse.records().find((r) => r.event === 'request');
      await until(line, 'the line');
      assert.equal(watching ? line().would_refuse : line().reason, 'http.host-not-allowed');
      const started = gatehouse.records().find((r) => r.event === 'started').text;
      assert.equal(started.includes('report_only: the host check and the CSRF guard only watch; strict HTTP, limits and deadlines stay enforced'), watching);
    }
  });

  test('leaves framing, limits and error hygiene as they are', async (t) => {
    const api = await RecordingUpstream.start(t, (_, socket) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 7\r\n\r\nhunter2'));
    const gatehouse = await startGatehouse(t, { config: `upstream = "${api.url}"\nreport_only = true\n[limits]\nmax_body = "10B"\n[log]\nformat = "terminal"\n` });
    const rows = [
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
      ['GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n', 413],
      [`GET /${'x'.repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
      ['GET / HTTP/1.1\r\n\r\n', 400],
    ];
    for (const [bytes, status] of rows) {
      const client = await RawClient.connect(t, gatehouse.port);
      assert.equal((await client.send(bytes).response()).status, status, bytes.slice(0, 40));
    }
    const failed = await request(gatehouse.url);
    assert.equal(failed.status, 500);
    assert.ok(!failed.body.toString().includes('hunter2'));
    await gatehouse.says(/report_only\n {4}only watched +Host, CSRF: .*\n {4}still enforced +strict HTTP, limits/);
  });
});

describe('log.file', { skip: without_gateway }, () => {
  const start = async (t) => {
    const api = await upstream(t);
    const gatehouse = await startGatehouse(t, { config: `upstream = "${api.url}"\n[log]\nfile = "logs/a.log"\n`, before: (folder) => mkdirSync(join(folder, 'logs')) });
    return { gatehouse, file: join(gatehouse.folder, 'logs', 'a.log') };
  };

  test('has every line, and SIGUSR1 opens it again without losing one', async (t) => {
    const { gatehouse, file } = await start(t);
    assert.equal((await request(gatehouse.url, { path: '/before' })).status, 200);
    await has(file, 'request');
    assert.equal(statSync(file).mode & 0o777 & ~0o640, 0, 'not for others');
    renameSync(file, `${file}.1`);
    gatehouse.signal('SIGUSR1');
    await has(file, 'log-reopened');
    assert.equal((await request(gatehouse.url, { path: '/after' })).status, 200);
    gatehouse.signal('SIGTERM');
    assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
    const paths = (name) => records(name).filter((r) => r.event === 'request').map((r) => r.path);
    assert.deepEqual([paths(`${file}.1`), paths(file)], [['/before'], ['/after']]);
    assert.equal(gatehouse.records().length, 0, 'standard error has none');
  });

  test('stays the old one when there can be no new one', async (t) => {
    const { gatehouse, file } = await start(t);
    renameSync(join(gatehouse.folder, 'logs'), join(gatehouse.folder, 'moved'));
    gatehouse.signal('SIGUSR1');
    const moved = join(gatehouse.folder, 'moved', 'a.log');
    await has(moved, 'log-not-reopened');
    assert.equal((await request(gatehouse.url)).status, 200);
    await has(moved, 'request');
    mkdirSync(join(gatehouse.folder, 'logs'));
    gatehouse.signal('SIGUSR1');
    await has(file, 'log-reopened');
  });

  test('that cannot be opened is an error at the start', async (t) => {
    const api = await upstream(t);
    await assert.rejects(startGatehouse(t, { config: `upstream = "${api.url}"\n[log]\nfile = "none/a.log"\n` }), /log\.file "none\/a\.log": No such file or directory/);
  });

  test('without one, SIGUSR1 changes nothing', async (t) => {
    const api = await upstream(t);
    const gatehouse = await startGatehouse(t, { to: api.url });
    gatehouse.signal('SIGUSR1');
    gatehouse.signal('SIGHUP');
    await until(() => gatehouse.records().some((r) => r.event === 'reloaded'), 'a reload after it');
    assert.equal((await request(gatehouse.url)).status, 200);
  });
});

test('log.sample_repeats: a flood of one refusal is some lines and an exact count', { skip: without_gateway }, async (t) => {
  const api = await upstream(t);
  const gatehouse = await startGatehouse(t, { config: `upstream = "${api.url}"\n[log]\nsample_repeats = 5\nclient = "none"\n` });
  const client = await RawClient.connect(t, gatehouse.port);
  for (let i = 0; i < 200; i++) assert.equal((await client.send('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n').response()).status, 421);
  gatehouse.signal('SIGTERM');
  await gatehouse.exited;
  const lines = gatehouse.records().filter((r) => r.event === 'request');
  const counted = gatehouse.records().filter((r) => r.event === 'repeated');
  assert.equal(lines.length + counted.reduce((sum, r) => sum + r.count, 0), 200);
  assert.ok(counted.length > 0 && counted.every((r) => r.reason === 'http.host-not-allowed' && r.status === 421));
  assert.ok(lines.every((r) => !('client' in r)));
});

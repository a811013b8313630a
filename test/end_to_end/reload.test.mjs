// A configuration that changes while the gateway runs: nothing is dropped, and what is wrong changes nothing.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { request } from './kit/client.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';
import { answering, reload_under_load, said, start, times, to } from './kit/reload.mjs';

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('a configuration that changes', { skip: without_gateway }, () => {
  test('is taken over by itself, on connections that are open', async (t) => {
    const [a, b] = await Promise.all([answering(t, 'a'), answering(t, 'b')]);
    const gatehouse = await start(t, to(a));
    const client = await RawClient.connect(t, gatehouse.port);
    assert.equal((await client.send(get()).response()).text, 'a');
    gatehouse.write(to(b, '[headers]\nx_frame_options = "SAMEORIGIN"\n[limits]\nmax_body = "10B"'));
    await times(gatehouse, 'reloaded', 1);
    const answer = await client.send(get()).response();
    assert.deepEqual([answer.text, answer.get('x-frame-options')], ['b', 'SAMEORIGIN']);
    assert.equal((await request(gatehouse.url, { method: 'POST', body: '0123456789a' })).status, 413);
  });

  test('is taken over on SIGHUP, changed or not', async (t) => {
    const a = await answering(t, 'a');
    const gatehouse = await start(t, to(a));
    gatehouse.signal('SIGHUP');
    await times(gatehouse, 'reloaded', 1);
    gatehouse.signal('SIGHUP');
    await times(gatehouse, 'reloaded', 2);
    assert.equal((await request(gatehouse.url)).status, 200);
    gatehouse.signal('SIGTERM');
    assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
  });

  test('leaves what runs as it began', async (t) => {
    let finish;
    const slow = await RecordingUpstream.start(t, (_, socket) => { finish = () => socket.write(plain_answer); });
    const b = await answering(t, 'b');
    const gatehouse = await start(t, to(slow, '[headers]\nx_frame_options = "SAMEORIGIN"'));
    const client = await RawClient.connect(t, gatehouse.port);
    client.send(get());
    await slow.when(() => finish, 'the slow request');
    gatehouse.write(to(b));
    await times(gatehouse, 'reloaded', 1);
    assert.equal((await request(gatehouse.url)).body.toString(), 'b');
    finish();
    const old = await client.response();
    assert.deepEqual([old.text, old.get('x-frame-options')], ['hello', 'SAMEORIGIN']);
    const next = await client.send(get()).response();
    assert.deepEqual([next.text, next.get('x-frame-options')], ['b', 'DENY']);
  });

  test('is refused whole when anything in it is wrong, and all of that is said', async (t) => {
    const a = await answering(t, 'a');
    const gatehouse = await start(t, to(a));
    gatehouse.write('upstream = "nowhere"\nhosts = ["*"]\n[limits]\nmax_body = "1mb"\n');
    await times(gatehouse, 'reload-failed', 1);
    const refused = said(gatehouse, 'reload-refused').map((r) => r.text.match(/:(\d+:\d+): error\[(.*?)\]/).slice(1).join(' '));
    assert.deepEqual(refused, ['1:12 missing-scheme', '2:10 wildcard-host', '4:12 not-a-size']);
    assert.equal((await request(gatehouse.url)).body.toString(), 'a');
    gatehouse.write('upstream = ');
    await times(gatehouse, 'reload-failed', 2);
    rmSync(gatehouse.file);
    await times(gatehouse, 'reload-failed', 3);
    assert.equal((await request(gatehouse.url)).body.toString(), 'a');
    const b = await answering(t, 'b');
    gatehouse.write(to(b));
    await times(gatehouse, 'reloaded', 1);
    assert.equal((await request(gatehouse.url)).body.toString(), 'b');
  });

  test('names what needs a restart, and takes the rest', async (t) => {
    const [a, b] = await Promise.all([answering(t, 'a'), answering(t, 'b')]);
    const gatehouse = await start(t, to(a));
    gatehouse.write(to(b, 'threads = 3\n[limits]\nmax_head = "8KiB"'));
    await times(gatehouse, 'reloaded', 1);
    assert.match(said(gatehouse, 'restart-needed')[0].text, /: threads, limits\.max_head$/);
    assert.equal((await request(gatehouse.url)).body.toString(), 'b');
  });

  test('may stand behind links that are swapped, as Kubernetes does', async (t) => {
    const [a, b] = await Promise.all([answering(t, 'a'), answering(t, 'b')]);
    const folder = (await start(t, to(a))).folder;
    const mount = join(folder, 'mount');
    const version = (name, upstream) => {
      mkdirSync(join(mount, name), { recursive: true });
      writeFileSync(join(mount, name, 'gatehouse.toml'), to(upstream));
      symlinkSync(name, join(mount, '..data.new'));
      renameSync(join(mount, '..data.new'), join(mount, '..data'));
    };
    version('..1', a);
    symlinkSync('..data/gatehouse.toml', join(mount, 'gatehouse.toml'));
    const gatehouse = await startGatehouse(t, { args: ['-c', join(mount, 'gatehouse.toml')] });
    assert.equal((await request(gatehouse.url)).body.toString(), 'a');
    version('..2', b);
    await times(gatehouse, 'reloaded', 1);
    assert.equal((await request(gatehouse.url)).body.toString(), 'b');
  });

  test('may be in a file that was included', async (t) => {
    const [a, b] = await Promise.all([answering(t, 'a'), answering(t, 'b')]);
    const gatehouse = await start(t, to(a, 'include = ["routes/*.toml"]'));
    mkdirSync(join(gatehouse.folder, 'routes'));
    gatehouse.signal('SIGHUP');  // so that the folder that is new is watched
    await times(gatehouse, 'reloaded', 1);
    writeFileSync(join(gatehouse.folder, 'routes', 'b.toml'), `[service.b]\nupstreams = "${b.url}"\n[[route]]\nmatch = "/b/*"\nservice = "b"\n`);
    await times(gatehouse, 'reloaded', 2);
    assert.equal((await request(gatehouse.url, { path: '/b/1' })).body.toString(), 'b');
    assert.equal((await request(gatehouse.url)).body.toString(), 'a');
  });

  test('a hundred times under load, some of them wrong: nothing is dropped, nothing is mixed, memory is flat',
    (t) => reload_under_load(t, { connections: 100 }));
});

// What looks into the running gateway: the admin API and `gatehouse explain`.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { request } from './kit/client.mjs';
import { until, within } from './kit/deadline.mjs';
import { program, sanitized, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';

const token = '0123456789abcdef0123456789abcdef';

/// A gateway with this [admin] section, and where its admin API is.
async function start(t, admin = 'listen = "127.0.0.1:0"', { config = '', args = [] } = {}) {
  const upstream = await RecordingUpstream.start(t);
  const gatehouse = await startGatehouse(t, { config: `upstream = "${upstream.url}"\n${config}\n[admin]\n${admin}\n`, args });
  const note = await until(() => gatehouse.records().find((r) => r.event === 'admin'), 'the admin listener');
  return Object.assign(gatehouse, { admin: note.text.match(/(http|unix):\S+$/)[0], upstream });
}

const refuse = (gatehouse, path = '/notes') => request(gatehouse.url, { path, headers: { host: 'evil.example' } });
const idOf = (response) => response.get('x-request-id');

/// `gatehouse explain ...`, to its end.
async function explain(t, args, options = {}) {
  const child = new ChildProcess(t, program, ['explain', ...args], options);
  const { code } = await within(child.exited, `explain ${args.join(' ')}`);
  return { code, text: child.output };
}

/// `gatehouse check --diff running FILE ...`, to its end.
async function diffRunning(t, config, args) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-diff-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gatehouse.toml');
  writeFileSync(file, config);
  const child = new ChildProcess(t, program, ['check', '--diff', 'running', file, ...args]);
  const { code } = await within(child.exited, 'check --diff running');
  return { code, text: child.output.replaceAll(file, 'FILE') };
}

/// Over a Unix socket.
const requestLocal = (socketPath, path) => within(new Promise((resolve, reject) => {
  http.get({ socketPath, path, headers: { host: 'localhost' } }, async (response) => {
    let text = '';
    for await (const piece of response.setEncoding('utf8')) text += piece;
    resolve({ status: response.statusCode, text });
  }).on('error', reject);
}), `${path} of ${socketPath}`);

/// That many, pipelined, all answered.
async function refuseMany(t, port, count) {
  const at_once = 1_000;
  const requests = 'GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n'.repeat(at_once);
  const [answer, seen_to] = ['HTTP/1.1 421', 'HTTP/1.1 421'.length - 1];
  for (let connection = 0; connection < count / (5 * at_once); connection++) {
    const socket = net.connect({ host: '127.0.0.1', port });
    t.after(() => socket.destroy());
    let answered = 0;
    let rest = '';
    socket.setEncoding('latin1').on('data', (text) => {
      rest += text;
      answered += rest.split(answer).length - 1;
      rest = rest.slice(-seen_to);
    });
    for (let i = 1; i <= 5; i++) {
      socket.write(requests);
      await until(() => answered >= i * at_once, `${i * at_once} refusals`);
    }
    socket.destroy();
  }
}

function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the admin API', { skip: without_gateway }, () => {
  test('shows a refusal with every step, and no secret of the request', async (t) => {
    const gatehouse = await start(t);
    const id = idOf(await request(gatehouse.url, { path: '/notes?token=SECRET', headers: { host: 'evil.example', authorization: 'Bearer SECRET', cookie: 'sid=SECRET' } }));
    const answer = await request(gatehouse.admin, { path: `/decisions/${id}` });
    assert.equal(answer.status, 200);
    assert.ok(!answer.body.includes('SECRET'));
    const d = answer.json();
    assert.deepEqual(
      [d.id, d.method, d.path, d.query, d.status, d.reason, d.client, d.aborted, d.particulars, d.fix],
      [id, 'GET', '/notes', ['token'], 421, 'http.host-not-allowed', '127.0.0.1', false, 'Host evil.example', 'hosts = ["evil.example"]'],
    );
    const refused = d.steps.find((s) => s.verdict === 'refuse');
    assert.deepEqual(refused, { rule: 'host_check', phase: 'request', verdict: 'refuse', reason: 'http.host-not-allowed' });
    assert.ok(d.steps.indexOf(refused) > 0 && d.steps.slice(0, d.steps.indexOf(refused)).every((s) => s.verdict === 'pass'));
    assert.equal(answer.get('cache-control'), 'no-store, max-age=0');
  });

  test('finds by the beginning of an id, and says what it does not find', async (t) => {
    const gatehouse = await start(t);
    const id = idOf(await refuse(gatehouse));
    const get = (path) => request(gatehouse.admin, { path });
    assert.equal((await get(`/decisions/${id.slice(0, 6)}`)).json().id, id);
    assert.equal((await get(`/decisions/${id.slice(0, 5)}`)).status, 400);
    assert.equal((await get('/decisions/00000000-0000-4000-8000-000000000000')).status, 404);
    assert.equal((await get('/nothing')).status, 404);
    const passed = idOf(await request(gatehouse.url));
    assert.equal((await get(`/decisions/${passed}`)).status, 404);
  });

  test('lists what is asked for', async (t) => {
    const gatehouse = await start(t);
    const first = idOf(await refuse(gatehouse, '/first'));
    const tooLarge = idOf(await request(gatehouse.url, { method: 'POST', path: '/large', body: 'x'.repeat(1024 * 1024 + 1) }));
    const list = async (query) => (await request(gatehouse.admin, { path: `/decisions${query}` })).json().decisions.map((d) => d.id);
    assert.deepEqual(await list(''), [tooLarge, first]);
    assert.deepEqual(await list('?limit=1'), [tooLarge]);
    assert.deepEqual(await list('?reason=http.host-not-allowed'), [first]);
    assert.deepEqual(await list('?since=1h'), [tooLarge, first]);
    assert.deepEqual(await list('?since=2100-01-01T00:00:00Z'), []);
    for (const query of ['?limit=1001', '?limit=x', '?reason=nothing', '?since=yesterday']) {
      assert.equal((await request(gatehouse.admin, { path: `/decisions${query}` })).status, 400, query);
    }
  });

  test('lists connections, and the policy without its secrets', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"`);
    const client = await RawClient.connect(t, gatehouse.port);
    await client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n').response();
    const headers = { authorization: `Bearer ${token}` };
    const { connections, left_out, silent_loops } = (await request(gatehouse.admin, { path: '/connections', headers })).json();
    assert.deepEqual([left_out, silent_loops], [0, 0]);
    const mine = connections.find((c) => c.peer === `127.0.0.1:${client.localPort}`);
    assert.deepEqual([mine.state, mine.requests, mine.bytes_in], ['idle', 1, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.length]);
    assert.ok(mine.bytes_out > 100);
    const policy = (await request(gatehouse.admin, { path: '/policy', headers })).body.toString();
    assert.match(policy, /^upstream = .*$/m);
    assert.match(policy, /^token = "\*\*\*"$/m);
    assert.ok(!policy.includes(token));
  });

  test('asks for the token where there is one, and is bland without it', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"`);
    for (const authorization of [undefined, 'Bearer', `Bearer ${token}0`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token]) {
      const answer = await request(gatehouse.admin, { path: '/decisions', headers: authorization ? { authorization } : {} });
      assert.equal(answer.status, 401, authorization);
      assert.deepEqual(answer.all('www-authenticate'), ['Bearer']);
      assert.ok(!answer.body.includes(token));
    }
    for (const scheme of ['Bearer', 'bearer']) {
      assert.equal((await request(gatehouse.admin, { path: '/decisions', headers: { authorization: `${scheme} ${token}` } })).status, 200);
    }
  });

  test('takes the token from a file of its own', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-token-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "file:${file}"`);
    const status = async (secret) =>
      (await request(gatehouse.admin, { path: '/decisions', headers: { authorization: `Bearer ${secret}` } })).status;
    assert.deepEqual([await status(token), await status(`file:${file}`)], [200, 401]);
    const policy = await request(gatehouse.admin, { path: '/policy', headers: { authorization: `Bearer ${token}` } });
    assert.match(policy.body.toString(), /^token = "\*\*\*"$/m);
    assert.ok(!gatehouse.output.includes(token) && !policy.body.includes(token));
  });

  test('answers no page of another site', async (t) => {
    const gatehouse = await start(t);
    const own = gatehouse.admin;
    const rows = [
      [{}, 200],
      [{ 'sec-fetch-site': 'none' }, 200],
      [{ 'sec-fetch-site': 'same-origin', origin: own }, 200],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ 'sec-fetch-site': 'nonsense' }, 403],
      [{ origin: 'http://localhost:3000' }, 403],
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: 'null' }, 403],
      [{ host: 'evil.example' }, 421],  // its name points here now
    ];
    for (const [headers, status] of rows) {
      const answer = await request(own, { path: '/decisions', headers });
      assert.equal(answer.status, status, JSON.stringify(headers));
      assert.deepEqual(answer.all('access-control-allow-origin'), []);
    }
  });

  test('listens on a Unix socket of its user alone, and cleans up', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'admin.sock');
    const gatehouse = await start(t, `listen = "unix:${path}"`);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const id = idOf(await refuse(gatehouse));
    const answer = await requestLocal(path, `/decisions/${id.slice(0, 8)}`);
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.text).id, id);
    gatehouse.signal('SIGTERM');
    assert.deepEqual(await gatehouse.exited, { code: 0, signal: null });
    assert.ok(!existsSync(path));
  });

  test('takes a socket that was left behind, and refuses a folder that others write to', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'admin.sock');
    await (await start(t, `listen = "unix:${path}"`)).kill();
    assert.ok(existsSync(path));
    const gatehouse = await start(t, `listen = "unix:${path}"`);
    assert.equal((await requestLocal(path, '/decisions')).status, 200);
    await gatehouse.kill();
    chmodSync(folder, 0o777);
    const refused = new ChildProcess(t, program, ['run', '-c', join(gatehouse.folder, 'gatehouse.toml'), '--listen', '127.0.0.1:0']);
    assert.equal((await refused.exited).code, 1);
    assert.match(refused.output, /admin\.listen: others may write to the folder of/);
  });

  test('keeps what was decided over a reload, and shows the new policy', async (t) => {
    const gatehouse = await start(t);
    const id = idOf(await refuse(gatehouse));
    const file = join(gatehouse.folder, 'gatehouse.toml');
    writeFileSync(`${file}.new`, `upstream = "${gatehouse.upstream.url}"\n[limits]\nmax_body = "7KiB"\n[admin]\nlisten = "off"\n`);
    renameSync(`${file}.new`, file);
    await until(() => gatehouse.records().some((r) => r.event === 'reloaded'), 'the reload');
    assert.equal((await request(gatehouse.admin, { path: `/decisions/${id}` })).status, 200);
    const policy = (await request(gatehouse.admin, { path: '/policy' })).body.toString();
    assert.match(policy, /^max_body = "7KiB"/m);
    assert.match(policy, /^listen = "127\.0\.0\.1:0"/m, 'what needs a restart is as it was');
  });

  test('is bounded: 100,000 refusals later the oldest are gone and memory is flat', async (t) => {
    const gatehouse = await start(t, undefined, { config: 'threads = 1' });
    const oldest = idOf(await refuse(gatehouse, '/oldest'));
    await refuseMany(t, gatehouse.port, 10_000);
    const before = gatehouse.residentKiB();
    await refuseMany(t, gatehouse.port, sanitized ? 10_000 : 90_000);
    const grown = gatehouse.residentKiB() - before;
    if (!sanitized) assert.ok(grown < 2 * 1024, `${grown} KiB`);
    const newest = idOf(await refuse(gatehouse, '/newest'));
    const get = (id) => request(gatehouse.admin, { path: `/decisions/${id}` });
    assert.equal((await get(oldest)).status, 404);
    assert.equal((await get(newest)).json().path, '/newest');
    const { decisions } = (await request(gatehouse.admin, { path: '/decisions?limit=1000' })).json();
    assert.equal(decisions[0].id, newest);
    assert.ok(decisions.length > 100, `${decisions.length}`);
  });
});

describe('gatehouse explain', { skip: without_gateway }, () => {
  test('tells a refusal in words and as JSON, by the beginning of its id', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"`);
    const id = idOf(await refuse(gatehouse));
    // The port is the kernel's, so the file cannot say it; the token it can.
    const where = ['-c', join(gatehouse.folder, 'gatehouse.toml'), '--admin', gatehouse.admin];
    const words = await explain(t, [id.slice(0, 6), ...where]);
    assert.equal(words.code, 0, words.text);
    assert.match(words.text, /^GET \/notes from 127\.0\.0\.1$/m);
    assert.match(words.text, /^ {2}host_check +REFUSED {2}http\.host-not-allowed$/m);
    assert.match(words.text, /^ {2}fix +hosts = \["evil\.example"\]$/m);
    const json = await explain(t, [id, '--json', ...where]);
    assert.equal(json.code, 0, json.text);
    assert.equal(JSON.parse(json.text).id, id);
  });

  test('tells of a page of another origin what its browser does, and what would allow it', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"\n[cors]\norigins = ["http://localhost:3000"]`);
    const where = ['-c', join(gatehouse.folder, 'gatehouse.toml'), '--admin', gatehouse.admin];
    const ask = (origin, method, headers) => request(gatehouse.url, { method, path: '/notes', headers: { Origin: origin, ...headers } });
    const cases = [
      ['http://localhost:5173', 'GET', {}, 'cors.origins', ['no-preflight', 'request-sent', 'allow-origin-missing']],
      ['http://localhost:3000', 'OPTIONS', { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'x-my' }, 'cors.request_headers', ['header-not-safelisted', 'preflight-sent', 'allow-origin-missing']],
    ];
    for (const [origin, method, headers, key, steps] of cases) {
      const id = idOf(await ask(origin, method, headers));
      const words = await explain(t, [id, ...where]);
      assert.equal(words.code, 0, words.text);
      assert.match(words.text, /the smallest change that would allow it/);
      const { browser, ...decision } = JSON.parse((await explain(t, [id, '--json', ...where])).text);
      assert.equal(decision.id, id);
      assert.deepEqual(browser.steps.map(({ step }) => step), steps);
      assert.deepEqual(browser.changes.map((change) => change.key), [key]);
    }
  });

  test('finds the socket that the file names', async (t) => {
    const path = join(temporaryFolder(t), 'admin.sock');
    const gatehouse = await start(t, `listen = "unix:${path}"`);
    const id = idOf(await refuse(gatehouse));
    const told = await explain(t, [id], { cwd: gatehouse.folder });
    assert.equal(told.code, 0, told.text);
    assert.match(told.text, /http\.host-not-allowed/);
  });

  test('needs nothing to be set where the user has a folder of their own', async (t) => {
    const runtime = temporaryFolder(t);
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = new ChildProcess(t, program, ['run', '--to', upstream.url, '--listen', '127.0.0.1:0'], { env, cwd: runtime });
    const [, port] = await gatehouse.says(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    const socket = join(runtime, 'gatehouse', `${port}.sock`);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.equal(statSync(join(runtime, 'gatehouse')).mode & 0o777, 0o700);
    const id = idOf(await refuse({ url: `http://127.0.0.1:${port}` }));
    const told = await explain(t, [id.slice(0, 6)], { env, cwd: runtime });
    assert.equal(told.code, 0, told.text);
    assert.match(told.text, /REFUSED/);
    gatehouse.signal('SIGTERM');
    await gatehouse.exited;
    assert.ok(!existsSync(socket));
  });

  test('uses no folder that others reach', async (t) => {
    for (const spoil of [(f) => chmodSync(f, 0o755), (f) => { mkdirSync(join(f, 'gatehouse')); chmodSync(join(f, 'gatehouse'), 0o777); }]) {
      const runtime = temporaryFolder(t);
      spoil(runtime);
      const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
      const upstream = await RecordingUpstream.start(t);
      const gatehouse = new ChildProcess(t, program, ['run', '--to', upstream.url, '--listen', '127.0.0.1:0'], { env, cwd: runtime });
      await gatehouse.says(/"event":"started"/);
      gatehouse.signal('SIGTERM');
      await gatehouse.exited;
      assert.ok(!gatehouse.output.includes(`unix:${runtime}`), gatehouse.output);
    }
  });

  test('says what it does not find', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"`);
    const env = { ...process.env, XDG_RUNTIME_DIR: temporaryFolder(t) };
    const options = { env, cwd: env.XDG_RUNTIME_DIR };
    const file = join(gatehouse.folder, 'gatehouse.toml');
    const rows = [
      [['0123456789', '-c', file, '--admin', gatehouse.admin], 1, /no recent decision has the id 0123456789/],
      [['0123456789', '--admin', gatehouse.admin], 1, /wants another token/],
      [['0123456789', '--admin', 'unix:/nonexistent/admin.sock'], 1, /No such file or directory/],
      [['0123456789', '-c', file], 1, /--admin http:\/\/127\.0\.0\.1:PORT/],
      [['0123'], 2, /first 6 characters/],
      [[], 2, /which request\?/],
      [['0123456789', '--path', '/x'], 2, /either the id/],
      [['0123456789', '--jsno'], 2, /did you mean --json\?/],
    ];
    for (const [args, code, says] of rows) {
      const told = await explain(t, args, options);
      assert.equal(told.code, code, told.text);
      assert.match(told.text, says);
    }
  });

  test('asks the rules about a request that nobody sent', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'gatehouse.toml');
    writeFileSync(file, 'hosts = ["api.example.com"]\n[service.notes]\nupstreams = ["http://127.0.0.1:5000"]\n[[route]]\nmatch = "/notes/*"\nmethods = ["GET"]\nservice = "notes"\n');
    const good = ['-c', file, '--host', 'api.example.com'];
    const rows = [
      [[...good, '--path', '/notes/1'], 'none', 0],
      [['-c', file, '--host', 'evil.example', '--path', '/notes/1'], 'http.host-not-allowed', 421],
      [[...good, '--path', '/other'], 'http.not-found', 404],
      [[...good, '--path', '/notes/1', '--method', 'POST'], 'http.method-not-allowed', 405],
      [[...good, '--path', '/notes/../x'], 'http.ambiguous-path', 400],
      [[...good, '--path', '/notes/1', '--header', 'Content-Length: 9999999'], 'limit.body-too-large', 413],
      [[...good, '--path', '/notes/1', '--header', 'Content-Length: 1', '--header', 'Transfer-Encoding: chunked'], 'http.conflicting-length', 400],
    ];
    for (const [args, reason, status] of rows) {
      const told = await explain(t, [...args, '--json'], { cwd: folder });
      assert.equal(told.code, 0, told.text);
      const d = JSON.parse(told.text);
      assert.deepEqual([d.reason ?? 'none', d.status], [reason, status], args.join(' '));
    }
    const words = await explain(t, [...good, '--path', '/notes/1'], { cwd: folder });
    assert.match(words.text, /passes: it goes to what stands behind the route/);
    assert.match((await explain(t, ['--host', 'evil.example'], { cwd: temporaryFolder(t) })).text, /host_check +REFUSED/);
  });
});

describe('check --diff running', { skip: without_gateway }, () => {
  test('says what a reload would change, and nothing of secrets', async (t) => {
    const gatehouse = await start(t, `listen = "127.0.0.1:0"\ntoken = "${token}"`);
    const same = `listen = "127.0.0.1:0"\nupstream = "${gatehouse.upstream.url}"\n[admin]\nlisten = "127.0.0.1:0"\ntoken = "${token}"\n`;
    const asked = ['--admin', gatehouse.admin];
    assert.deepEqual(await diffRunning(t, same, asked), { code: 0, text: 'FILE does what the running gateway does\n' });
    assert.deepEqual(await diffRunning(t, `${same}[limits]\nmax_body = "2MiB"\n`, asked), {
      code: 1, text: 'limits.max_body: "1MiB" → "2MiB"\n',
    });
  });

  test('who cannot be asked', async (t) => {
    const config = (admin) => `upstream = "http://127.0.0.1:5000"\n[admin]\nlisten = "${admin}"\n`;
    for (const [name, admin, args, expected] of [
      ['switched off', 'off', [], /admin\.listen is off/],
      ['nobody there', 'off', ['--admin', 'unix:/nonexistent/gatehouse'], /unix:\/nonexistent\/gatehouse/],
      ['a port that only the other one knows', '127.0.0.1:0', [], /--admin http:\/\/127\.0\.0\.1:PORT/],
    ]) {
      const { code, text } = await diffRunning(t, config(admin), args);
      assert.equal(code, 2, name);
      assert.match(text, expected, name);
    }
  });
});

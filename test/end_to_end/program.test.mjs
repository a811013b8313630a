// The program as its user meets it: messages, exit codes, start, stop. Everything on free ports of 127.0.0.1.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const program = process.env.GATEHOUSE_BIN;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-program-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** Runs it to its end. */
function gatehouse(...args) {
  const r = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 60_000, env: { ...process.env, XDG_DATA_HOME: folder } });
  return { code: r.status, out: r.stdout, err: r.stderr, all: r.stdout + r.stderr };
}

function file(name, text) {
  fs.writeFileSync(path.join(folder, name), text);
  return name;
}

/** Starts `gatehouse run` and waits until it listens. */
async function running(...args) {
  const child = spawn(program, ['run', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const state = { child, out: '', err: '' };
  child.stderr.on('data', (d) => (state.err += d));
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', (d) => {
      state.out += d;
      const found = /^listening on (http:\/\/\S+)$/m.exec(state.out);
      if (found) resolve(found[1]);
    });
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${state.err}`)));
  });
  state.address = address;
  state.stop = async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    return code;
  };
  return state;
}

async function upstream(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) };
}

async function free_port() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function until(condition, what) {
  for (let i = 0; i < 200; ++i) {
    if (condition()) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  assert.fail(`not within 10 s: ${what()}`);
}

test('help, version and no command', () => {
  assert.equal(gatehouse('version').code, 0);
  assert.match(gatehouse('--version').out, /^gatehouse \d+\.\d+\.\d+\n$/);
  for (const args of [['--help'], ['run', '--help'], ['check', '-h'], ['init', '--help'], ['new', '--help'], ['demo', '--help']]) {
    const r = gatehouse(...args);
    assert.equal(r.code, 0);
    assert.ok(r.out.split('\n').length < 24, 'fits on a screen');
  }
  assert.equal(gatehouse().code, 2);
});

test('wrong words on the command line are explained', () => {
  const rows = [
    [['rnu'], 'did you mean gatehouse run?'],
    [['audit', 'x'], 'gatehouse audit is not in this version yet'],
    [['explain', 'x'], 'at least its first 6 characters'],
    [['http://localhost:5000'], 'did you mean gatehouse run --to http://localhost:5000?'],
    [['run', '--lisen', ':80'], 'did you mean --listen?'],
    [['run', '--port', '80'], 'use --listen 127.0.0.1:PORT'],
    [['run', '--cors', 'http://localhost:3000', '--to', 'http://a:1'], 'use --allow-origin URL'],
    [['run', '--allow-origin', 'localhost:3000', '--to', 'http://a:1'], 'write: --allow-origin http://localhost:3000'],
    [['run', 'http://localhost:5000'], 'did you mean --to http://localhost:5000?'],
    [['run', '--to'], '--to'],
    [['check', '--jsn'], 'did you mean --json?'],
    [['sho'], 'did you mean gatehouse show?'],
    [['run', '--to', 'localhost:5000'], 'write: --to http://localhost:5000'],
    [['run', '--to', 'http://localhost:5000/'], 'leave the slash at the end out'],
    [['run', '--to', 'http://localhost:5000/api'], 'an upstream has no path'],
    [['run', '--to', 'http://a:1', '--to', 'http://a:1'], 'in the list twice'],
    [['run', '--to', 'http://a:1', '--listen', '0.0.0.0:0'], 'error[insecure-plain-http]'],
    [['run', '--to', 'http://a:1', '--listen', 'localhost:80'], 'write: --listen 127.0.0.1:80'],
    [['run', '-c', 'nowhere.toml'], 'gatehouse init makes one'],
    [['run'], 'What should be protected'.toLowerCase()],
  ];
  for (const [args, wanted] of rows) {
    const r = gatehouse(...args);
    assert.equal(r.code, 2, args.join(' '));
    assert.ok(r.err.toLowerCase().includes(wanted.toLowerCase()), `${args.join(' ')}: ${r.err}`);
    assert.equal(r.out, '');
  }
});

test('an unquoted * that the shell expanded is recognised', () => {
  file('a.js', '');
  file('b.js', '');
  const r = gatehouse('run', '--to', 'http://a:1', 'a.js', 'b.js');
  assert.equal(r.code, 2);
  assert.match(r.err, /the shell made them of a \* without quotes/);
});

test('check: exit codes and JSON', () => {
  const clean = file('clean.toml', 'upstream = "http://127.0.0.1:5000"\n');
  const doubtful = file('doubtful.toml', 'upstream = "http://127.0.0.1:5000"\n[errors]\nupstream_5xx = "pass"\n');
  const wrong = file('wrong.toml', 'upstream = "http://127.0.0.1:5000"\n\n[limits]\nbodyLimit = "1mb"\n');
  const broken = file('broken.toml', 'upstream = \n');
  assert.equal(gatehouse('check', clean).code, 0);
  assert.equal(gatehouse('check', doubtful).code, 1);
  assert.equal(gatehouse('check', wrong).code, 2);
  assert.equal(gatehouse('check', broken).code, 2);
  assert.match(gatehouse('check', broken).err, /^broken.toml:1:12: error\[syntax\]: /);
  assert.match(gatehouse('check', wrong).err, /^wrong.toml:4:1: error\[unknown-key\]: .*\n {2}write: max_body = "1MiB"\n1 error\n$/);
  const json = JSON.parse(gatehouse('check', wrong, '--json').out);
  assert.deepEqual([json.errors, json.warnings, json.problems[0].code, json.problems[0].line], [1, 0, 'unknown-key', 4]);
  assert.equal(JSON.parse(gatehouse('check', clean, '--json').out).problems.length, 0);
  assert.equal(gatehouse('run', '-c', wrong).code, 2);
});

test('show: what run would use, which is a configuration itself', () => {
  const from = file('shown.toml', 'upstream = "http://127.0.0.1:5000"\ninclude = "shown_*.inc"\n[limits]\nmax_body = "2MiB"\n');
  file('shown_a.inc', '[service.notes]\nupstreams = "http://127.0.0.1:5001"\n[[route]]\nmatch = "/notes/*"\nservice = "notes"\n');
  const shown = gatehouse('show', '-c', from, '--listen', '127.0.0.1:0');
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /^listen = "127\.0\.0\.1:0"$/m);
  assert.match(shown.out, /^max_body = "2MiB"$/m);
  assert.match(shown.out, /^max_head = "16KiB" {2}# default$/m);
  assert.match(shown.out, /^\[service\.notes\]\nupstreams = "http:\/\/127\.0\.0\.1:5001"$/m);
  assert.equal(gatehouse('show', '-c', file('again.toml', shown.out)).out, shown.out);
  assert.equal(gatehouse('check', 'again.toml').code, 0);
  assert.equal(gatehouse('show').code, 2, 'nothing is protected');
});

test('check --diff: what two files do differently', () => {
  const old = file('old.toml', 'upstream = "http://127.0.0.1:5000"\n');
  const same = file('same.toml', 'upstream = ["http://127.0.0.1:5000"]\n[limits]\nmax_body = 1048576\n');
  const other = file('other.toml', 'upstream = "http://127.0.0.1:5000"\nthreads = 3\n[limits]\nmax_body = "2MiB"\n');
  const broken = file('wrong_value.toml', 'upstream = "http://127.0.0.1:5000"\n[limits]\nmax_body = "2mb"\n');
  assert.deepEqual([gatehouse('check', '--diff', old, same).code, gatehouse('check', '--diff', old, other).code], [0, 1]);
  assert.equal(
    gatehouse('check', '--diff', old, other).out,
    'threads: 0 → 3  (needs a restart)\nlimits.max_body: "1MiB" → "2MiB"\n'
  );
  assert.equal(JSON.parse(gatehouse('check', other, '--diff', old, '--json').out).differences.length, 2);
  for (const files of [[broken, old], [old, broken], [old, 'nowhere.toml']]) {
    const r = gatehouse('check', '--diff', ...files);
    assert.equal(r.code, 2);
    assert.match(r.err, /1 error\n$/);
    assert.equal(r.out, '');
  }
});

test('values from the environment; one that is missing is named with its place', () => {
  const from = file('environment.toml', 'upstream = "http://${API_HOST}:${API_PORT:-5000}"\n');
  const run = (env) => spawnSync(program, ['show', '-c', from], { cwd: folder, encoding: 'utf8', env, timeout: 60_000 });
  assert.match(run({ API_HOST: '127.0.0.1' }).stdout, /^upstream = "http:\/\/127\.0\.0\.1:5000"$/m);
  assert.match(run({ API_HOST: 'a', API_PORT: '1' }).stdout, /^upstream = "http:\/\/a:1"$/m);
  const missing = run({});
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /^environment\.toml:1:12: error\[unset-variable\]: upstream: the environment has no API_HOST\n {2}write: \$\{API_HOST:-/);
});

test('init writes a schema beside the file, and leaves one that is there', () => {
  fs.mkdirSync(path.join(folder, 'sub'));
  assert.equal(gatehouse('init', 'sub/a.toml').code, 0);
  const schema = path.join(folder, 'sub', 'gatehouse.schema.json');
  assert.equal(fs.readFileSync(schema, 'utf8'), gatehouse('print-schema').out);
  assert.match(fs.readFileSync(path.join(folder, 'sub', 'a.toml'), 'utf8'), /^#:schema \.\/gatehouse\.schema\.json\n/);
  fs.writeFileSync(schema, 'mine');
  assert.equal(gatehouse('init', 'sub/b.toml').code, 0);
  assert.equal(fs.readFileSync(schema, 'utf8'), 'mine');
});

test('init writes what check accepts, and overwrites nothing', () => {
  assert.equal(gatehouse('init', 'new.toml').code, 0);
  assert.equal(gatehouse('check', 'new.toml').code, 0);
  const before = fs.readFileSync(path.join(folder, 'new.toml'), 'utf8');
  const again = gatehouse('init', 'new.toml', '--to', 'http://localhost:1');
  assert.equal(again.code, 1);
  assert.match(again.err, /never overwrites/);
  assert.equal(fs.readFileSync(path.join(folder, 'new.toml'), 'utf8'), before);
});

test('new makes a project, and overwrites nothing', () => {
  const made = gatehouse('new', 'my-notes');
  assert.equal(made.code, 0);
  assert.match(made.out, /cmake -B build/);
  const files = fs.readdirSync(path.join(folder, 'my-notes')).sort();
  assert.deepEqual(files, ['.gitignore', 'CMakeLists.txt', 'README.md', 'main.cpp', 'routes.cpp', 'routes.hpp', 'routes_test.cpp']);
  for (const name of files) assert.doesNotMatch(fs.readFileSync(path.join(folder, 'my-notes', name), 'utf8'), /@/, name);
  fs.writeFileSync(path.join(folder, 'my-notes', 'main.cpp'), 'mine');
  const again = gatehouse('new', 'my-notes');
  assert.equal(again.code, 1);
  assert.match(again.err, /never overwrites/);
  assert.equal(fs.readFileSync(path.join(folder, 'my-notes', 'main.cpp'), 'utf8'), 'mine');
});

test('new refuses what is no name, and makes nothing then', () => {
  const before = fs.readdirSync(folder);
  for (const name of ['', '../up', 'a/b', 'Notes', '7up', 'a b', '.', 'x'.repeat(65), 'test', 'gatehouse', '-x', 'a\u001b[2J']) {
    const r = gatehouse('new', name);
    assert.equal(r.code, 2, name);
    assert.doesNotMatch(r.all, /\u001b/);
  }
  assert.equal(gatehouse('new').code, 2);
  assert.match(gatehouse('new').err, /for example: gatehouse new notes/);
  assert.deepEqual(fs.readdirSync(folder), before);
});

test('serves, logs JSON off a terminal, stops with 0 and loses no line', async () => {
  const api = await upstream((req, res) => res.setHeader('X-Powered-By', 'Express').end('hello'));
  const g = await running('--to', api.url, '--listen', '127.0.0.1:0');
  assert.equal(g.out, `listening on ${g.address}\n`, 'standard output has this line only');
  for (let i = 0; i < 20; ++i) {
    const r = await fetch(`${g.address}/notes?token=SECRET`, { headers: { Authorization: 'Bearer SECRET' } });
    assert.equal(await r.text(), 'hello');
    assert.equal(r.headers.get('x-powered-by'), null);
    assert.equal(r.headers.get('x-content-type-options'), 'nosniff');
  }
  assert.equal(await g.stop(), 0);
  const lines = g.err.trimEnd().split('\n').map((l) => JSON.parse(l));
  const requests = lines.filter((l) => l.event === 'request');
  assert.equal(requests.length, 20);
  assert.deepEqual(
    [requests[0].method, requests[0].path, requests[0].query, requests[0].status, requests[0].bytes_out],
    ['GET', '/notes', ['token'], 200, 5]
  );
  assert.ok(lines.some((l) => l.event === 'started'));
  assert.equal(lines.filter((l) => l.event === 'hint' && l.text.includes('trust proxy')).length, 1, 'said once');
  assert.ok(!g.err.includes('SECRET'));
  api.close();
});

test('an upstream that is down: 502 for the client, one clear line in the log', async () => {
  const port = await free_port();
  const g = await running('--to', `http://127.0.0.1:${port}`, '--listen', '127.0.0.1:0');
  for (let i = 0; i < 3; ++i) {
    const r = await fetch(`${g.address}/notes`);
    assert.equal(r.status, 502);
    assert.equal(r.headers.get('content-type'), 'application/problem+json');
    assert.ok(!(await r.text()).includes(String(port)), 'the client does not learn the address');
  }
  assert.equal(await g.stop(), 0);
  const down = g.err.trimEnd().split('\n').map((l) => JSON.parse(l)).filter((l) => l.event === 'upstream-down');
  assert.equal(down.length, 1);
  assert.ok(down[0].text.startsWith(`nothing listens on 127.0.0.1:${port}`), down[0].text);
});

test('a replaced 5xx: bland for the client, the original with the same id in the log', async () => {
  const api = await upstream((req, res) => res.writeHead(500).end('Error: the database password is hunter2\n    at query (/srv/db.js:1)'));
  const g = await running('--to', api.url, '--listen', '127.0.0.1:0');
  const r = await fetch(`${g.address}/notes`);
  const text = await r.text();
  assert.equal(r.status, 500);
  assert.ok(!text.includes('hunter2'));
  assert.equal(await g.stop(), 0);
  const original = g.err.trimEnd().split('\n').map((l) => JSON.parse(l)).find((l) => l.event === 'upstream-error');
  assert.match(original.text, /Error: the database password is hunter2/);
  assert.equal(JSON.parse(text).instance, `urn:uuid:${original.id}`);
  api.close();
});

test('a refusal names its reason, and the size that arrived', async () => {
  const api = await upstream((req, res) => res.end());
  const conf = file('terminal.toml', `upstream = "${api.url}"\nlisten = "127.0.0.1:0"\n[log]\nformat = "terminal"\n`);
  const g = await running('-c', conf);
  const r = await fetch(`${g.address}/notes`, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) });
  assert.equal(r.status, 413);
  await until(() => g.err.includes('limit.body-too-large'), () => g.err);
  assert.equal(await g.stop(), 0);
  assert.match(g.err, /413 limit\.body-too-large {2}POST \/notes from 127\.0\.0\.1 {2}2MiB came, 1MiB is allowed {2}fix: limits\.max_body = "3MiB"/);
  assert.match(g.err, /is in front of/, 'the start-up screen');
  assert.ok(!g.err.includes('\x1b'), 'no colours off a terminal');
  api.close();
});

test('flags win over the file, and the start-up screen says so', async () => {
  const api = await upstream((req, res) => res.end('flag'));
  const conf = file('flags.toml', 'upstream = "http://127.0.0.1:9"\nlisten = "127.0.0.1:9"\n[log]\nformat = "terminal"\n');
  const g = await running('-c', conf, '--to', api.url, '--listen', '127.0.0.1:0');
  assert.equal(await (await fetch(g.address)).text(), 'flag');
  await until(() => g.err.includes('--to (wins over the file)'), () => g.err);
  assert.equal(await g.stop(), 0);
  api.close();
});

test('port in use: one message, exit code 1', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = `127.0.0.1:${taken.address().port}`;
  const r = gatehouse('run', '--to', 'http://127.0.0.1:9', '--listen', address);
  taken.close();
  assert.equal(r.code, 1);
  assert.ok(r.err.includes(`another program listens on ${address}`), r.err);
  assert.equal(r.out, '');
});

for (const more of [[], ['--dev-tls']]) test(`demo --once ${more} shows every protection and leaves nothing behind`, () => {
  const r = gatehouse('demo', '--once', '--listen', '127.0.0.1:0', ...more);
  assert.equal(r.code, 0, r.all);
  assert.match(r.out, more.length > 0 ? /^listening on https:/m : /^listening on http:/m);
  assert.match(r.out, /(\d+) of \1 protections showed/);
  const api = /A bare notes API on http:\/\/127\.0\.0\.1:(\d+)/.exec(r.out)[1];
  const still = spawnSync(process.execPath, ['-e', `require('net').connect(${api}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`]);
  assert.equal(still.status, 1, 'the sample API has ended');
});

test('the sample API listens on loopback only', () => {
  const bare = process.env.GATEHOUSE_DEMO_API_BIN;
  for (const at of ['0.0.0.0:0', '[::]:0', '192.168.0.1:80', '127.0.0.1:', '127.0.0.1:99999', '127.0.0.1:0x1']) {
    assert.equal(spawnSync(bare, [at], { timeout: 5_000 }).status, 2, at);
  }
});

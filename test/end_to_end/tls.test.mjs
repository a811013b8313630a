// HTTPS by the gateway itself, as curl, Node and openssl see it; certificates that change, and those that are refused.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Authority, install } from './kit/certificates.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { exchange } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { said, times } from './kit/reload.mjs';

const run = promisify(execFile);
const tls_section = (name = 'a') => `[tls]\ncertificate = "${name}.pem"\nkey = "${name}.key"\n`;
const get = (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/// A TLS connection, and what comes on it.
async function connect(hooks, port, options) {
  const socket = tls.connect({ host: '127.0.0.1', port, ...options });
  socket.setEncoding('latin1');
  socket.text = '';
  socket.on('data', (text) => { socket.text += text; });
  hooks.after(() => socket.destroy());
  await within(new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject)), 'a handshake');
  return socket;
}
const ask = async (socket, host, count = 1) => {
  socket.write(get(host));
  await until(() => socket.text.split('HTTP/1.1 ').length > count, 'an answer');
  return Number(socket.text.split('HTTP/1.1 ').at(-1).slice(0, 3));
};

describe('HTTPS', { skip: without_gateway }, () => {
  let authority;
  let upstream;
  let gatehouse;
  before(async () => {
    authority = new Authority(file_scope);
    upstream = await RecordingUpstream.start(file_scope);
    gatehouse = await startGatehouse(file_scope, {
      config: `upstream = "${upstream.url}"\nhosts = ["a.example", "b.example", "localhost", "127.0.0.1"]\n` +
        '[tls]\ncertificate = ["a.pem", "b.pem"]\nkey = ["a.key", "b.key"]\n',
      before: (folder) => {
        install(folder, authority.issue(['a.example', '*.w.example', 'localhost', '127.0.0.1']), 'a');
        install(folder, authority.issue(['b.example'], { rsa: true }), 'b');
      },
    });
  });
  const curl = (host, ...args) => run('curl', ['-sS', '-i', '--cacert', authority.file, '--connect-to', `::127.0.0.1:${gatehouse.port}`, ...args, `https://${host}/`]);

  test('works with curl, says so to the upstream, and sends Strict-Transport-Security', async () => {
    const { stdout } = await curl('a.example');
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(stdout, /\r\nStrict-Transport-Security: max-age=63072000; includeSubDomains\r\n/);
    const seen = upstream.requests.at(-1);
    assert.deepEqual([seen.get('x-forwarded-proto'), seen.get('host')], ['https', 'a.example']);
    assert.match((await curl('b.example', '--tlsv1.2', '--tls-max', '1.2')).stdout, /^HTTP\/1\.1 200 OK/);
    assert.doesNotMatch((await curl('localhost')).stdout, /Strict-Transport-Security/i, 'it would capture other ports of this machine');
  });

  test('works with Node, over one connection', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority.pem });
    for (let i = 0; i < 3; i++) {
      const status = await new Promise((resolve, reject) => {
        https.get({ host: '127.0.0.1', port: gatehouse.port, servername: 'a.example', headers: { host: 'a.example' }, agent },
          (answer) => answer.resume().on('end', () => resolve([answer.statusCode, answer.req.reusedSocket]))).on('error', reject);
      });
      assert.deepEqual(status, [200, i > 0]);
    }
    agent.destroy();
  });

  test('carries content both ways, larger than every buffer', async (t) => {
    const large = Buffer.alloc(900_000, 'content ');
    const echo = await RecordingUpstream.start(t, (request, socket) => socket.write(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${request.body.length * 20}\r\n\r\n`), ...Array(20).fill(request.body)])));
    const other = await startGatehouse(t, { config: `upstream = "${echo.url}"\n${tls_section()}`, before: (folder) => install(folder, authority.issue(['localhost'])) });
    const got = await new Promise((resolve, reject) => {
      const request = https.request({ host: 'localhost', port: other.port, method: 'POST', ca: authority.pem }, async (answer) => {
        const pieces = [];
        for await (const piece of answer) pieces.push(piece);
        resolve(Buffer.concat(pieces));
      });
      request.on('error', reject).end(large);
    });
    assert.ok(got.equals(Buffer.concat(Array(20).fill(large))));
  });

  test('shows the certificate of the name, and refuses names that it has none for', async (t) => {
    const shown = async (servername) => (await connect(t, gatehouse.port, { servername, ca: authority.pem, checkServerIdentity: () => {} })).getPeerCertificate().subject.CN;
    assert.deepEqual(await Promise.all(['a.example', 'x.w.example', 'b.example', ''].map(shown)), ['a.example', 'a.example', 'b.example', 'a.example']);
    await assert.rejects(shown('c.example'), /unrecognized name/);
  });

  test('answers 421 to a request for a host that the connection was not made for', async (t) => {
    const socket = await connect(t, gatehouse.port, { servername: 'a.example', ca: authority.pem });
    assert.equal(await ask(socket, 'b.example'), 421);
    assert.match(socket.text, /tls\.misdirected/);
    assert.equal(await ask(socket, 'a.example:443', 2), 200);
    const nameless = await connect(t, gatehouse.port, { ca: authority.pem, checkServerIdentity: () => {} });
    assert.equal(await ask(nameless, 'b.example'), 200, 'who asked for no name has nothing to contradict');
  });

  test('says in plain bytes that this port is for HTTPS', async (t) => {
    const answer = await exchange(t, gatehouse.port, get('a.example'));
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(answer.text), { type: 'about:blank', title: 'This port is for HTTPS, and this is plain HTTP.', status: 400 });
  });

  test('refuses what is old, and another protocol', async () => {
    const said_by = (...args) => spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${gatehouse.port}`, '-servername', 'a.example', ...args], { input: '', encoding: 'utf8' }).stderr;
    assert.match(said_by('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), /alert protocol version/);
    assert.match(said_by('-tls1_2', '-cipher', 'AES128-SHA'), /alert handshake failure/);
    assert.match(said_by('-alpn', 'h2'), /no application protocol/);
  });

  test('resumes sessions', async (t) => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const options = { servername: 'a.example', ca: authority.pem, minVersion: version, maxVersion: version };
      const first = tls.connect({ host: '127.0.0.1', port: gatehouse.port, ...options });
      t.after(() => first.destroy());
      const [session] = await within(new Promise((resolve, reject) => first.once('session', (s) => resolve([s])).once('error', reject)), 'a session');
      first.destroy();
      const second = await connect(t, gatehouse.port, { ...options, session });
      assert.equal(second.isSessionReused(), true, version);
    }
  });

  test('answers nothing more to who ends without close_notify in the middle', async (t) => {
    const count = upstream.requests.length;
    const socket = await connect(t, gatehouse.port, { servername: 'a.example', ca: authority.pem });
    socket.write('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhalf');
    await new Promise((resolve) => setImmediate(resolve));
    socket._handle.close?.();  // the TCP connection under it
    const next = await connect(t, gatehouse.port, { servername: 'a.example', ca: authority.pem });
    assert.equal(await ask(next, 'a.example'), 200);
    assert.equal(upstream.requests.length, count + 1, 'half a request is none');
  });
});

describe('a certificate that changes', { skip: without_gateway }, () => {
  const serial = async (hooks, port, authority) => {
    const socket = await connect(hooks, port, { servername: 'a.example', ca: authority.pem });
    return socket.getPeerCertificate().serialNumber;
  };

  test('is shown to new connections within a second, and nothing is dropped', async (t) => {
    const authority = new Authority(t);
    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, {
      config: `upstream = "${upstream.url}"\nhosts = ["a.example"]\n${tls_section()}`,
      before: (folder) => install(folder, authority.issue(['a.example'])),
    });
    const old = await serial(t, gatehouse.port, authority);
    const open = await Promise.all(Array.from({ length: 100 }, () => connect(t, gatehouse.port, { servername: 'a.example', ca: authority.pem })));
    const next = authority.issue(['a.example']);
    install(gatehouse.folder, next);
    const began = performance.now();
    await until(async () => (await serial(t, gatehouse.port, authority)) !== old, 'the new certificate');
    t.diagnostic(`after ${Math.round(performance.now() - began)} ms`);
    assert.deepEqual([...new Set(await Promise.all(open.map((socket) => ask(socket, 'a.example'))))], [200]);
  });

  test('is refused when it cannot be served, with one message, and the old one stays', async (t) => {
    const authority = new Authority(t);
    const upstream = await RecordingUpstream.start(t);
    const good = authority.issue(['a.example']);
    const gatehouse = await startGatehouse(t, {
      config: `upstream = "${upstream.url}"\nhosts = ["a.example"]\n${tls_section()}`,
      before: (folder) => install(folder, good),
    });
    const old = await serial(t, gatehouse.port, authority);
    const refused = () => said(gatehouse, 'reload-refused').map((r) => r.text.match(/:(\d+:\d+): error\[(.*?)\]/)?.slice(1).join(' '));
    const key = join(gatehouse.folder, 'a.key');
    // The watcher of the files may refuse the same change once more, at any time: only what is said last counts.
    const change = async (expected, what) => {
      what();
      gatehouse.signal('SIGHUP');
      await until(() => refused().at(-1) === expected, `a refusal: ${expected}`);
    };
    await change('5:7 key-is-readable', () => chmodSync(key, 0o644));
    await change('5:7 key-mismatch', () => writeFileSync(key, authority.issue(['a.example']).key));
    await change('5:7 not-a-key', () => writeFileSync(key, 'x'));
    await change('5:7 key-mismatch', () => {
      chmodSync(key, 0o600);
      writeFileSync(key, authority.issue(['a.example']).key);
    });
    assert.equal(await serial(t, gatehouse.port, authority), old);
    install(gatehouse.folder, authority.issue(['a.example']));
    gatehouse.signal('SIGHUP');
    await times(gatehouse, 'reloaded', 1);
    await until(async () => (await serial(t, gatehouse.port, authority)) !== old, 'the new certificate');
  });

  test('is judged before anything starts', (t) => {
    const authority = new Authority(t);
    const folder = authority.folder;
    const check = (cert, config = tls_section()) => {
      if (cert) install(folder, cert);
      writeFileSync(join(folder, 'gatehouse.toml'), `upstream = "http://127.0.0.1:1"\n${config}`);
      const { status, stdout, stderr } = spawnSync(program, ['run', '-c', join(folder, 'gatehouse.toml')], { encoding: 'utf8', timeout: 10_000 });
      return [status, ...(stdout + stderr).matchAll(/:(\d+:\d+): error\[(.*?)\]/g)].map((m) => (Array.isArray(m) ? `${m[1]} ${m[2]}` : m));
    };
    const good = authority.issue(['a.example']);
    const other = authority.issue(['a.example']);
    assert.deepEqual(check({ pem: good.pem, key: other.key }), [2, '4:7 key-mismatch']);
    assert.deepEqual(check({ pem: 'text', key: 'text' }), [2, '3:15 not-a-certificate', '4:7 not-a-key']);
    assert.deepEqual(check(null, '[tls]\ncertificate = "none.pem"\nkey = "none.key"\n'), [2, '3:15 cannot-read', '4:7 cannot-read']);
    assert.deepEqual(check(null, '[tls]\nprofile = "modern"\n'), [2, '2:2 missing']);
  });
});

describe('plain HTTP beside HTTPS', { skip: without_gateway }, () => {
  let gatehouse;
  let port;
  before(async () => {
    const authority = new Authority(file_scope);
    const upstream = await RecordingUpstream.start(file_scope);
    gatehouse = await startGatehouse(file_scope, {
      config: `upstream = "${upstream.url}"\nhosts = ["a.example", "unnamed.example"]\n${tls_section()}redirect_from = "127.0.0.1:0"\n`,
      before: (folder) => install(folder, authority.issue(['a.example', 'other.example'])),
    });
    port = Number((await gatehouse.says(/redirecting on http:\/\/127\.0\.0\.1:(\d+)/))[1]);
  });
  const ask = (t, head, fields = '') => exchange(t, port, `${head} HTTP/1.1\r\n${fields}\r\n`);

  test('is sent to the same place there, whatever the method', async (t) => {
    assert.equal((await ask(t, 'GET /', 'Host: a.example\r\n')).get('location'), `https://a.example:${gatehouse.port}/`);
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await ask(t, `${method} /notes/1?a=b&c=%20`, 'Host: a.example:80\r\n');
      assert.deepEqual([answer.status, answer.get('location')], [308, `https://a.example:${gatehouse.port}/notes/1?a=b&c=%20`]);
      assert.equal(answer.get('strict-transport-security'), undefined, 'RFC 6797 section 7.2');
    }
  });

  test('has no answer to a preflight', async (t) => {
    const answer = await ask(t, 'OPTIONS /notes', 'Host: a.example\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n');
    assert.equal(answer.status, 308);
    assert.deepEqual(answer.fields.filter(([name]) => name.toLowerCase().startsWith('access-control')), []);
  });

  test('names no host that is not ours', async (t) => {
    for (const host of ['evil.example', 'other.example', 'unnamed.example', 'localhost', 'a.example.evil.example', 'a.example@evil.example']) {
      const answer = await ask(t, 'GET /', `Host: ${host}\r\n`);
      assert.ok(answer.status === 421 || answer.status === 400, `${host}: ${answer.status}`);
      assert.equal(answer.get('location'), undefined);
    }
    assert.equal((await ask(t, 'GET /')).status, 400);
    assert.equal((await ask(t, 'GET //evil.example/', 'Host: a.example\r\n')).status, 400);
  });
});

describe('a development certificate', { skip: without_gateway }, () => {
  test('is made by one command, kept, and taken by run --dev-tls', async (t) => {
    const home = new Authority(t).folder;
    const env = { ...process.env, XDG_DATA_HOME: home };
    const cert = (...names) => spawnSync(program, ['cert', 'dev', ...names], { encoding: 'utf8', env });
    const made = cert();
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^New certificate for localhost, 127\.0\.0\.1, ::1, until \d{4}-/);
    assert.match(cert().stdout, /^Kept certificate .*\n.*\n.*\nKept authority/);
    assert.match(cert('app.test').stdout, /^New certificate for app\.test, localhost, .*\n.*\n.*\nKept authority/);
    assert.deepEqual([cert('a b').status, cert('a,DNS:b').status, spawnSync(program, ['cert'], { env }).status], [2, 2, 2]);
    const folder = join(home, 'gatehouse', 'dev');
    const modes = ['.', 'ca.key', 'key.pem', 'ca.pem', 'cert.pem'].map((file) => (statSync(join(folder, file)).mode & 0o777).toString(8));
    assert.deepEqual(modes, ['700', '600', '600', '644', '644']);
    const verified = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', join(folder, 'ca.pem'), join(folder, 'cert.pem')], { encoding: 'utf8' });
    assert.equal(verified.status, 0, verified.stderr);

    const upstream = await RecordingUpstream.start(t);
    const gatehouse = await startGatehouse(t, { to: upstream.url, args: ['--dev-tls'], env });
    const { stdout } = await run('curl', ['-sS', '-i', '--cacert', join(folder, 'ca.pem'), '--connect-to', `::127.0.0.1:${gatehouse.port}`, '-H', 'Host: localhost', 'https://app.test/']).catch((e) => e);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(stdout, /strict-transport-security/i, 'never with a development certificate');
  });
});

// mTLS towards clients, as Node and curl see it: who is let in, what the upstream learns of it, and what a reload changes.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Authority, install } from './kit/certificates.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { said, times } from './kit/reload.mjs';

const run = promisify(execFile);
const tls_section = (demand) => `[tls]\ncertificate = "a.pem"\nkey = "a.key"\nclient_certificate = "${demand}"\nclient_ca = "clients.pem"\n`;
const one = (pem) => pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n/)[0];
const fingerprint = (pem) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
const client_of = (authority, name, options = {}) => {
  const made = authority.issue([name], { purpose: 'clientAuth', ...options });
  return { cert: one(made.pem), key: made.key };
};

/// The status and the problem's type, or "refused" when there is no connection.
function ask(gatehouse, authority, { path = '/', headers = {}, ...options } = {}) {
  return within(new Promise((resolve) => {
    const request = https.request({ host: '127.0.0.1', port: gatehouse.port, servername: 'a.example', path, ca: authority.pem, agent: false,
      headers: { host: 'a.example', ...headers }, ...options }, async (answer) => {
      let text = '';
      for await (const piece of answer.setEncoding('utf8')) text += piece;
      resolve(`${answer.statusCode}${answer.statusCode >= 400 ? ` ${JSON.parse(text).type}` : ''}`);
    });
    request.on('error', (e) => resolve(`refused: ${e.code}`)).end();
  }), 'an answer or none');
}

describe('certificates of clients', { skip: without_gateway }, () => {
  let authority;
  let upstream;
  let notes;
  before(async () => {
    authority = new Authority(file_scope);
    upstream = await RecordingUpstream.start(file_scope);
    notes = client_of(authority, 'notes.internal');
  });
  const start = (t, demand, more = '') => startGatehouse(t, {
    config: `upstream = "${upstream.url}"\nhosts = ["a.example"]\n${tls_section(demand)}[proxy]\nclient_certificate = "send"\n${more}`,
    before: (folder) => {
      install(folder, authority.issue(['a.example', 'localhost']));
      writeFileSync(join(folder, 'clients.pem'), authority.pem);
    },
  });

  test('that are required let in who has a good one, and nobody else', async (t) => {
    const gatehouse = await start(t, 'required');
    const other = new Authority(t);
    const rows = [
      ['of our authority', notes, '200'],
      ['none', {}, 'refused', 'client-certificate-missing'],
      ['of another authority', client_of(other, 'notes.internal'), 'refused', 'unable to get local issuer certificate'],
      ['for servers', client_of(authority, 'notes.internal', { purpose: 'serverAuth' }), 'refused', 'purpose'],
      ['expired', client_of(authority, 'notes.internal', { days: -1 }), 'refused', 'certificate has expired'],
    ];
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      for (const [name, shown, expected] of rows) {
        const got = await ask(gatehouse, authority, { ...shown, minVersion: version, maxVersion: version });
        assert.ok(got.startsWith(expected), `${version}, ${name}: ${got}`);
      }
    }
    await until(() => gatehouse.records().some((r) => r.event.startsWith('client-certificate-')), 'a line of the log');
    assert.equal(gatehouse.records().filter((r) => r.event === 'request').length, 2, 'no request of them was ever read');
    const ok = gatehouse.records().find((r) => r.event === 'request');
    assert.equal(ok.client_certificate, fingerprint(notes.cert));
  });

  test('reach the upstream as Client-Cert, and what clients write in its place does not', async (t) => {
    const gatehouse = await start(t, 'optional');
    const forged = { 'Client-Cert': ':AAAA:', 'Client-Cert-Chain': ':AAAA:', 'X-Forwarded-Client-Cert': 'Hash=1', 'X-SSL-Client-Verify': 'SUCCESS', 'X-SSL-Client-S-DN': 'CN=admin' };
    assert.equal(await ask(gatehouse, authority, { ...notes, headers: forged }), '200');
    const names = (request) => request.fields.map(([name]) => name.toLowerCase()).filter((name) => /cert|ssl/.test(name));
    let seen = upstream.requests.at(-1);
    assert.deepEqual(names(seen), ['client-cert']);
    const [, base64] = seen.get('client-cert').match(/^:([A-Za-z0-9+/=]+):$/);
    assert.equal(new X509Certificate(Buffer.from(base64, 'base64')).fingerprint256, new X509Certificate(notes.cert).fingerprint256);
    assert.equal(await ask(gatehouse, authority, { headers: forged }), '200');
    seen = upstream.requests.at(-1);
    assert.deepEqual(names(seen), [], 'who has shown none is nobody');
  });

  test('are required by a route of a listener where they are optional', async (t) => {
    const gatehouse = await start(t, 'optional', '[[route]]\nmatch = "/admin/*"\nrequire_client_certificate = true\n');
    const refused = '403 urn:gatehouse:problem:tls.client-certificate-required';
    const forged = { 'Client-Cert': ':AAAA:' };
    const before = upstream.requests.length;
    for (const path of ['/admin', '/admin/', '/admin/users?a=b']) {
      assert.match(await ask(gatehouse, authority, { path, headers: forged }), /^403 .*tls\.client-certificate-required$/, refused);
    }
    assert.equal(upstream.requests.length, before);
    assert.equal(await ask(gatehouse, authority, { path: '/open' }), '200');
    assert.equal(await ask(gatehouse, authority, { path: '/admin/users', ...notes }), '200');
    assert.match(await ask(gatehouse, authority, { path: '/open', ...client_of(new Authority(t), 'x') }), /^refused/, 'a bad one is not as good as none');
    // One connection, many requests: the route decides each time, and the identity stays.
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (const path of ['/open', '/admin/1', '/open', '/admin/2']) {
      assert.equal(await ask(gatehouse, authority, { path, ...notes, agent }), '200');
      assert.ok(upstream.requests.at(-1).get('client-cert'));
    }
    const nobody = new https.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => nobody.destroy());
    for (const [path, expected] of [['/open', '200'], ['/admin/1', '403'], ['/open', '200'], ['/admin/2', '403']]) {
      assert.equal((await ask(gatehouse, authority, { path, agent: nobody })).slice(0, 3), expected);
    }
    await until(() => gatehouse.records().some((r) => r.reason === 'tls.client-certificate-required' && r.path === '/admin'), 'its line');
  });

  test('belong to a session that is resumed, and a changed authority ends sessions and connections', async (t) => {
    const gatehouse = await start(t, 'required');
    const connect = async (options) => {
      const socket = tls.connect({ host: '127.0.0.1', port: gatehouse.port, servername: 'a.example', ca: authority.pem, ...options });
      t.after(() => socket.destroy());
      socket.text = '';
      socket.setEncoding('latin1').on('data', (text) => { socket.text += text; }).on('error', () => {});
      socket.on('session', (session) => { socket.session = session; });
      await within(new Promise((resolve) => socket.once('secureConnect', resolve).once('close', resolve)), 'a handshake');
      return socket;
    };
    const get = async (socket, count = 1) => {
      socket.write('GET /session HTTP/1.1\r\nHost: a.example\r\n\r\n');
      await until(() => socket.text.split('HTTP/1.1 200').length > count || socket.destroyed, 'an answer');
      return socket.destroyed ? 'refused' : socket.text.slice(socket.text.lastIndexOf('HTTP/1.1 '));
    };
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const options = { minVersion: version, maxVersion: version };
      const first = await connect({ ...options, ...notes });
      assert.match(await get(first), /^HTTP\/1\.1 200/);
      const again = await connect({ ...options, session: first.session });  // without a certificate of its own
      assert.match(await get(again), /^HTTP\/1\.1 200/);
      assert.equal(again.isSessionReused(), true, version);
      assert.ok(upstream.requests.at(-1).get('client-cert'), 'the session knows whose it is');
    }

    const kept = await connect(notes);
    assert.match(await get(kept), /^HTTP\/1\.1 200/);
    const next = new Authority(t);
    const file = join(gatehouse.folder, 'clients.pem');
    writeFileSync(`${file}.new`, 'nothing');
    renameSync(`${file}.new`, file);
    await times(gatehouse, 'reload-failed', 1);
    assert.match(said(gatehouse, 'reload-refused').at(-1).text, /not-a-certificate/);
    assert.match(await get(kept, 2), /^HTTP\/1\.1 200/, 'the old ones stay in use');
    writeFileSync(`${file}.new`, next.pem);
    renameSync(`${file}.new`, file);
    await times(gatehouse, 'reloaded', 1);
    await until(() => kept.destroyed || kept.readableEnded, 'the end of a connection that nobody would let in now');
    assert.equal(await get(await connect({ ...notes, session: kept.session })), 'refused');
    assert.match(await get(await connect(client_of(next, 'new'))), /^HTTP\/1\.1 200/);
  });

  test('work with curl, and in a minute with those that gatehouse cert dev makes', async (t) => {
    const home = new Authority(t).folder;
    const env = { ...process.env, XDG_DATA_HOME: home };
    const made = spawnSync(program, ['cert', 'dev', '--client', 'notes'], { encoding: 'utf8', env });
    assert.equal(made.status, 0, made.stderr);
    const folder = join(home, 'gatehouse', 'dev');
    const [ca, certificate, key] = ['ca.pem', 'client-notes.pem', 'client-notes.key'].map((file) => join(folder, file));
    assert.ok(made.stdout.includes(`New client certificate for notes\n  ${certificate}\n  ${key}\n`), made.stdout);
    assert.equal((statSync(key).mode & 0o777).toString(8), '600');
    const verified = spawnSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, certificate], { encoding: 'utf8' });
    assert.equal(verified.status, 0, verified.stderr);
    for (const bad of ['../evil', 'a b', '*.example', '127.0.0.1', '']) {
      assert.equal(spawnSync(program, ['cert', 'dev', '--client', bad], { env }).status, 2, bad);
    }
    assert.equal(existsSync(join(home, 'gatehouse', 'evil.pem')), false);

    // What it printed, as it was printed.
    const keys = made.stdout.match(/below \[tls\]:\n((?: {2}\w+ = .*\n)+)/)[1].replaceAll(/^ {2}/gm, '');
    const command = made.stdout.match(/Show it: (curl .*) https/)[1].split(' ').slice(1);
    const gatehouse = await startGatehouse(t, {
      config: `upstream = "${upstream.url}"\n[tls]\ncertificate = "${join(folder, 'cert.pem')}"\nkey = "${join(folder, 'key.pem')}"\n${keys}`,
    });
    const curl = (...args) => run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args, `https://localhost:${gatehouse.port}/`]).then((r) => r.stdout, (e) => `failed ${e.code}`);
    assert.equal(await curl(...command), '200');
    assert.match(await curl('--cacert', ca), /^failed (56|35|55)/);
    assert.ok(readFileSync(certificate, 'utf8').startsWith('-----BEGIN CERTIFICATE-----'));
  });

  test('that no route could ever see are refused before anything starts', (t) => {
    const folder = new Authority(t).folder;
    const check = (config) => {
      writeFileSync(join(folder, 'gatehouse.toml'), `upstream = "http://127.0.0.1:1"\n${config}`);
      const { status, stdout, stderr } = spawnSync(program, ['run', '-c', join(folder, 'gatehouse.toml')], { encoding: 'utf8', timeout: 10_000 });
      return [status, ...(stdout + stderr).matchAll(/:(\d+:\d+): error\[(.*?)\]/g)].map((m) => (Array.isArray(m) ? `${m[1]} ${m[2]}` : m));
    };
    assert.deepEqual(check('[[route]]\nmatch = "/a"\nrequire_client_certificate = true\n'), [2, '4:30 not-asked-for']);
  });
});

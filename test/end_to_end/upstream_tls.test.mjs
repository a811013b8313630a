// https:// upstreams: who is believed, what is said of those who are not, and that TLS changes nothing else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { Authority, install } from './kit/certificates.mjs';
import { request } from './kit/client.mjs';
import { contentOf, sha256 } from './kit/content.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient, exchange } from './kit/raw_client.mjs';
import { RecordingUpstream, plain_answer } from './kit/recording_upstream.mjs';
import { said, times } from './kit/reload.mjs';
import { assertProblem } from './kit/security_headers.mjs';

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const of = (certificate) => ({ cert: certificate.pem, key: certificate.key });
const ca = 'ca = "ca.pem"\n';

describe('an https:// upstream', { skip: without_gateway }, () => {
  let authority, other, local;
  before(() => {
    authority = new Authority(file_scope);
    other = new Authority(file_scope);
    local = authority.issue(['localhost', '127.0.0.1']);
  });
  const answering = (t, secure, answer = (_, socket) => socket.write(plain_answer)) => RecordingUpstream.start(t, answer, secure);
  /// The gateway before `url`, with `tls` in [proxy.tls] and `ca.pem` beside it.
  const start = (t, url, tls = ca, { more = '', prepare = () => {} } = {}) => startGatehouse(t, {
    config: `upstream = "${url}"\n${more}\n[proxy.tls]\n${tls}`,
    before: (folder) => {
      writeFileSync(join(folder, 'ca.pem'), authority.pem);
      writeFileSync(join(folder, 'other.pem'), other.pem);
      prepare(folder);
    },
  });
  const by_name = (upstream) => `https://localhost:${upstream.port}`;

  const believed = [
    { name: 'by its name', host: 'localhost', sni: 'localhost' },
    { name: 'by its address, which is not sent as a name', host: '127.0.0.1', sni: false },
    { name: 'by another name', names: ['api.example'], host: '127.0.0.1', tls: `${ca}server_name = "api.example"\n`, sni: 'api.example' },
    { name: 'by a wildcard', names: ['*.w.example'], host: 'localhost', tls: `${ca}server_name = "x.w.example"\n`, sni: 'x.w.example' },
    { name: 'with TLS 1.2', host: 'localhost', more: { maxVersion: 'TLSv1.2' }, sni: 'localhost' },
    { name: 'with TLS 1.3', host: 'localhost', more: { minVersion: 'TLSv1.3' }, sni: 'localhost' },
    { name: 'with an RSA key', rsa: true, host: 'localhost', sni: 'localhost' },
    { name: 'of one authority of several', host: 'localhost', tls: 'ca = ["other.pem", "ca.pem"]\n', sni: 'localhost' },
    { name: 'whoever it is, where that was asked for', names: ['b.example'], host: 'localhost', tls: 'dangerously_accept_any_certificate = true\n', sni: 'localhost' },
  ];
  for (const { name, names, rsa, host, tls, more, sni } of believed) {
    test(`is believed ${name}`, async (t) => {
      const upstream = await answering(t, { ...of(names || rsa ? authority.issue(names ?? ['localhost'], { rsa }) : local), ...more });
      const seen = [];
      upstream.onConnection = (socket) => seen.push([socket.servername, socket.alpnProtocol]);
      const gatehouse = await start(t, `https://${host}:${upstream.port}`, tls);
      const answer = await request(gatehouse.url, { path: '/x?y' });
      assert.deepEqual([answer.status, answer.body.toString()], [200, 'hello']);
      assert.equal(upstream.requests[0].target, '/x?y');
      assert.deepEqual(seen, [[sni, false]]);
    });
  }

  const refused = [
    { name: 'another authority', make: () => other.issue(['localhost']), reason: 'tls-untrusted', says: /self-signed certificate in certificate chain; expected: localhost\): subject CN=localhost, for localhost, issued by CN=Test CA/ },
    { name: 'the system\'s authorities alone', make: () => local, tls: '', reason: 'tls-untrusted', says: /tls\.ca, if it is yours/ },
    { name: 'another name', make: () => authority.issue(['b.example']), reason: 'tls-name', says: /expected: localhost\): subject CN=b\.example, for b\.example/ },
    { name: 'another name than server_name', make: () => local, tls: `${ca}server_name = "api.example"\n`, reason: 'tls-name', says: /expected: api\.example/ },
    { name: 'only a name, where an address is wanted', make: () => authority.issue(['localhost']), host: '127.0.0.1', reason: 'tls-name', says: /expected: 127\.0\.0\.1/ },
    { name: 'two labels below the wildcard', make: () => authority.issue(['*.w.example']), tls: `${ca}server_name = "y.x.w.example"\n`, reason: 'tls-name' },
    { name: 'a certificate that is over', make: () => authority.issue(['localhost'], { days: -1 }), reason: 'tls-expired', says: /certificate has expired.*valid from/ },
    { name: 'a certificate for clients', make: () => authority.issue(['localhost'], { purpose: 'clientAuth' }), reason: 'tls-untrusted', says: /unsuitable certificate purpose|unsupported certificate purpose/ },
    { name: 'TLS 1.1 at most', make: () => local, more: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, reason: 'tls-handshake', says: /protocol version/ },
    { name: 'TLS 1.2 with other ciphers', make: () => local, more: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA384' }, reason: 'tls-handshake', says: /handshake failure/ },
    { name: 'no protocol in common', make: () => local, more: { ALPNProtocols: ['h2'] }, reason: 'tls-handshake', says: /no application protocol/ },
    { name: 'a client certificate that we have not (TLS 1.2)', make: () => local, more: { requestCert: true, ca: [], maxVersion: 'TLSv1.2' }, reason: 'tls-handshake', says: /asked for a client certificate/ },
  ];
  for (const { name, make, host = 'localhost', tls, more, reason, says = /./ } of refused) {
    test(`is refused: ${name}`, async (t) => {
      const upstream = await answering(t, { ...of(make()), ...more, ...(more?.requestCert && { ca: other.pem }) });
      upstream.server.on('tlsClientError', () => {});
      const gatehouse = await start(t, `https://${host}:${upstream.port}`, tls);
      const answer = await request(gatehouse.url);
      assertProblem(answer, 502, 'Bad Gateway');
      assert.doesNotMatch(answer.body.toString(), /CN=|certificate|TLS/i, 'the client learns nothing of it');
      const [line] = await until(() => said(gatehouse, 'upstream-down').length && said(gatehouse, 'upstream-down'), 'its line');
      assert.match(line.text, new RegExp(`^no TLS with ${host.replaceAll('.', '\\.')}:${upstream.port}: `));
      assert.match(line.text, says);
      await until(() => gatehouse.records().some((r) => r.reason === `upstream.${reason}`), `upstream.${reason} in the log`);
      assert.equal(upstream.requests.length, 0, 'nothing may be sent to somebody else');
    });
  }

  test('is refused where plain HTTP answers', async (t) => {
    const upstream = await RecordingUpstream.start(t, undefined);
    upstream.onConnection = (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const gatehouse = await start(t, by_name(upstream));
    assertProblem(await request(gatehouse.url), 502, 'Bad Gateway');
    await gatehouse.says(/what answers there does not speak TLS: is it meant to be http:\/\//);
    await until(() => gatehouse.records().some((r) => r.reason === 'upstream.tls-handshake'), 'its reason');
  });

  test('gets 504 when its handshake hangs', async (t) => {
    const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await once(silent, 'listening');
    const gatehouse = await start(t, `https://127.0.0.1:${silent.address().port}`, ca, { more: '[proxy]\nconnect_timeout = "300ms"' });
    assertProblem(await request(gatehouse.url), 504, 'Gateway Timeout');
    await gatehouse.says(/did not finish the handshake in time/);
  });

  describe('that asks who we are', () => {
    const strict = () => ({ ...of(local), requestCert: true, ca: authority.pem });
    const client = (folder, from = authority) => install(folder, from.issue(['gateway'], { purpose: 'clientAuth' }), 'me');
    const ours = `${ca}certificate = "me.pem"\nkey = "me.key"\n`;

    test('is shown the certificate', async (t) => {
      const upstream = await answering(t, strict());
      let shown;
      upstream.onConnection = (socket) => { shown = socket.getPeerCertificate().subject?.CN; };
      const gatehouse = await start(t, by_name(upstream), ours, { prepare: client });
      assert.equal((await request(gatehouse.url)).status, 200);
      assert.equal(shown, 'gateway');
      assert.match(said(gatehouse, 'started')[0].text, /is verified by ca\.pem, shown me\.pem/);
    });

    test('refuses us without one, and the log says so', async (t) => {
      const upstream = await answering(t, strict());
      upstream.server.on('tlsClientError', () => {});
      const gatehouse = await start(t, by_name(upstream));
      assert.equal((await request(gatehouse.url)).status, 502);
      await gatehouse.says(/it asked for a client certificate, and there is none for it/);
    });

    test('sees a renewed one, and the old one stays while a new one is wrong', async (t) => {
      const upstream = await answering(t, strict(), (_, socket) => socket.end(plain_answer.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')));
      const serials = [];
      upstream.onConnection = (socket) => serials.push(socket.getPeerCertificate().serialNumber);
      const gatehouse = await start(t, by_name(upstream), ours, { prepare: client });
      assert.equal((await request(gatehouse.url)).status, 200);
      writeFileSync(join(gatehouse.folder, 'me.pem'), 'half a ');
      await times(gatehouse, 'reload-failed', 1);
      assert.match(said(gatehouse, 'reload-refused')[0].text, /proxy\.tls\.certificate "me\.pem": there is no PEM certificate in this file/);
      assert.equal((await request(gatehouse.url)).status, 200);
      client(gatehouse.folder);
      await times(gatehouse, 'reloaded', 1);
      assert.equal((await request(gatehouse.url)).status, 200);
      assert.equal(serials[0], serials[1]);
      assert.notEqual(serials[1], serials[2]);
    });
  });

  test('is asked over kept connections, and resumes when a new one is needed', async (t) => {
    let close = false;
    const upstream = await answering(t, of(local), (_, socket) => (close ? socket.end(plain_answer.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
      : socket.write(plain_answer)));
    const resumed = [];
    upstream.onConnection = (socket) => resumed.push(socket.isSessionReused());
    const gatehouse = await start(t, by_name(upstream), ca, { more: 'threads = 1' });
    for (let i = 0; i < 5; i++) assert.equal((await request(gatehouse.url)).status, 200);
    assert.equal(upstream.connections.length, 1);
    close = true;
    for (let i = 0; i < 4; i++) assert.equal((await request(gatehouse.url)).status, 200);
    assert.deepEqual(resumed, [false, true, true, true]);
  });

  for (const [name, after_answer] of [['with close_notify', (socket) => socket.end()], ['without', (socket) => socket.destroy()]]) {
    test(`may close idle connections whenever it likes, ${name}: nobody notices, and nothing is done twice`, async (t) => {
      const upstream = await answering(t, of(local), (_, socket) => socket.write(plain_answer, () => setTimeout(() => after_answer(socket), 1)));
      const gatehouse = await start(t, by_name(upstream), ca, { more: 'threads = 1' });
      const got = [];
      for (let i = 0; i < 100; i++) {
        const post = i % 5 === 0 && { method: 'POST', body: 'hi' };
        got.push([post, (await request(gatehouse.url, { path: `/${i}`, ...post })).status]);
      }
      assert.deepEqual(got.filter(([post, status]) => !post && status !== 200), [], 'GETs without their answer');
      const targets = upstream.requests.filter((r) => r.method === 'POST').map((r) => r.target);
      assert.equal(new Set(targets).size, targets.length, 'a POST arrived twice');
    });
  }

  test('is not asked over an old connection when it is not believed any more', async (t) => {
    const upstream = await answering(t, of(local));
    const gatehouse = await start(t, by_name(upstream), ca, { more: 'threads = 1\n[proxy]\nkeep_alive_timeout = "1m"' });
    assert.equal((await request(gatehouse.url)).status, 200);
    writeFileSync(join(gatehouse.folder, 'ca.pem'), other.pem);
    await times(gatehouse, 'reloaded', 1);
    assert.equal((await request(gatehouse.url)).status, 502);
    assert.equal(upstream.requests.length, 1);
    writeFileSync(join(gatehouse.folder, 'ca.pem'), authority.pem);
    await times(gatehouse, 'reloaded', 2);
    assert.equal((await request(gatehouse.url)).status, 200);
  });

  test('keeps its connections over a reload that changes something else', async (t) => {
    const upstream = await answering(t, of(local));
    const gatehouse = await start(t, by_name(upstream), ca, { more: 'threads = 1\n[proxy]\nkeep_alive_timeout = "1m"' });
    assert.equal((await request(gatehouse.url)).status, 200);
    gatehouse.signal('SIGHUP');
    await times(gatehouse, 'reloaded', 1);
    assert.equal((await request(gatehouse.url)).status, 200);
    assert.equal(upstream.connections.length, 1);
  });

  const head = (more) => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${more}\r\n\r\n`;
  const cuts = [
    { name: 'to the end, with close_notify', text: `${head('Connection: close')}whole`, cut: 'end', whole: true },
    { name: 'to the end, without close_notify', text: `${head('Connection: close')}whole?`, cut: 'destroy', whole: false },
    { name: 'half of its length, with close_notify', text: `${head('Content-Length: 10')}half`, cut: 'end', whole: false },
    { name: 'half of its length, without close_notify', text: `${head('Content-Length: 10')}half`, cut: 'destroy', whole: false },
    { name: 'all of its length, without close_notify', text: `${head('Content-Length: 4')}full`, cut: 'destroy', whole: true },
    { name: 'half of its chunks, with close_notify', text: `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`, cut: 'end', whole: false },
  ];
  for (const { name, text, cut, whole } of cuts) {
    test(`sends content ${name}: ${whole ? 'whole' : 'cut'} for the client`, async (t) => {
      const upstream = await answering(t, of(local), (_, socket) => socket.write(text, () => setImmediate(() => socket[cut]())));
      const gatehouse = await start(t, by_name(upstream));
      const client = await RawClient.connect(t, gatehouse.port);
      const answer = await client.send(get()).response().catch(() => null);
      if (whole) return assert.equal(answer?.status, 200);
      assert.equal(answer, null, 'it must not look finished');
      await until(() => gatehouse.records().some((r) => r.reason === 'upstream.closed-early'), 'its reason');
    });
  }

  test('carries 20 MiB both ways', async (t) => {
    const size = 20 * 1024 * 1024;
    const server = https.createServer(of(local), (req, res) => req.pipe(res)).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const gatehouse = await start(t, `https://localhost:${server.address().port}`, ca, { more: '[limits]\nmax_body = "32MiB"' });
    const sent = [];
    for await (const piece of contentOf(size)) sent.push(piece);
    const all = Buffer.concat(sent);
    for (const body of [all, contentOf(size)]) {
      const answer = await request(gatehouse.url, { method: 'POST', body });
      assert.equal(answer.status, 200);
      assert.equal(sha256(answer.body), sha256(all));
    }
    server.closeAllConnections();
  });

  test('waits for a client that reads slowly', async (t) => {
    let written = 0;
    const server = https.createServer(of(local), async (_, res) => {
      const piece = Buffer.alloc(64 * 1024);
      for (let i = 0; i < 1_000; i++) {
        if (!res.write(piece)) await once(res, 'drain');
        written += piece.length;
      }
      res.end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const gatehouse = await start(t, `https://localhost:${server.address().port}`);
    const client = net.connect(gatehouse.port, '127.0.0.1');
    client.pause();
    client.on('error', () => {});
    t.after(() => client.destroy());
    client.write(get());
    let before = -1;
    await until(() => {
      const still = written > 0 && written === before;
      before = written;
      return still;
    }, 'the upstream to stop');
    assert.ok(written < 60_000_000, `${written} bytes are on the way`);
    let received = 0;
    client.on('data', (bytes) => { received += bytes.length; }).resume();
    await until(() => received > 64_000 * 1_000, 'all of it');
    server.closeAllConnections();
  });

  test('streams events as they come', async (t) => {
    let events;
    const server = https.createServer(of(local), (_, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      events = res;
    }).listen(0, '127.0.0.1');
    t.after(() => { server.closeAllConnections(); server.close(); });
    await once(server, 'listening');
    const gatehouse = await start(t, `https://localhost:${server.address().port}`);
    const client = await RawClient.connect(t, gatehouse.port);
    client.send(get('/events'));
    await until(() => events, 'the request');
    for (const text of ['data: one\n\n', 'data: two\n\n']) {
      events.write(text);
      await until(() => client.received.includes(text), text);
    }
  });

  test('speaks WebSocket', async (t) => {
    const server = https.createServer(of(local)).listen(0, '127.0.0.1');
    new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
    t.after(() => { server.closeAllConnections(); server.close(); });
    await once(server, 'listening');
    const gatehouse = await start(t, `https://localhost:${server.address().port}`);
    const socket = new WebSocket(`ws://127.0.0.1:${gatehouse.port}/`);
    t.after(() => socket.terminate());
    await within(once(socket, 'open'), 'opening a WebSocket');
    for (const data of ['Grüße', 'x'.repeat(1_000_000)]) {
      const answer = within(once(socket, 'message'), 'an answer');
      socket.send(data);
      assert.equal((await answer)[0].toString(), data);
    }
    const closed = within(once(socket, 'close'), 'the end');
    socket.close(4_001, 'bye');
    assert.equal((await closed)[0], 4_001);
  });

  test('of several is passed over when nobody believes it, and is taken out', async (t) => {
    const good = await answering(t, of(local));
    const bad = await answering(t, of(other.issue(['localhost'])));
    bad.server.on('tlsClientError', () => {});
    const gatehouse = await startGatehouse(t, {
      config: `threads = 1\n[service.a]\nupstreams = ["${by_name(bad)}", "${by_name(good)}"]\nmax_idle_connections = 0\n[service.a.tls]\n${ca}[[route]]\nservice = "a"\n`,
      before: (folder) => writeFileSync(join(folder, 'ca.pem'), authority.pem),
    });
    for (let i = 0; i < 12; i++) {
      const post = { method: 'POST', body: 'once' };
      assert.equal((await request(gatehouse.url, i % 2 ? post : {})).status, 200, 'nothing was sent to the other one');
    }
    await gatehouse.says(`localhost:${bad.port} is out of use`);
    assert.equal(good.requests.length, 12);
    assert.equal(bad.requests.length, 0);
  });

  test('is asked how it is over TLS', async (t) => {
    const good = await answering(t, of(local));
    const bad = await answering(t, of(other.issue(['localhost'])));
    bad.server.on('tlsClientError', () => {});
    const gatehouse = await startGatehouse(t, {
      config: `[service.a]\nupstreams = ["${by_name(bad)}", "${by_name(good)}"]\n[service.a.tls]\n${ca}` +
        '[service.a.active_health]\npath = "/health"\ninterval = "100ms"\nunhealthy = 1\n[[route]]\nservice = "a"\n',
      before: (folder) => writeFileSync(join(folder, 'ca.pem'), authority.pem),
    });
    await gatehouse.says(`localhost:${bad.port} is out of use`);
    await good.when(() => good.requests.some((r) => r.target === '/health'), 'a question');
    assert.equal(bad.requests.length, 0);
  });

  test('that is not verified is named wherever somebody looks', async (t) => {
    const upstream = await answering(t, of(local));
    const exit = 'proxy.tls.dangerously_accept_any_certificate: whoever answers is taken for the upstream';
    const gatehouse = await start(t, by_name(upstream), 'dangerously_accept_any_certificate = true\n');
    await until(() => said(gatehouse, 'exit-in-use').some((r) => r.text.includes(exit)), 'it at start');
    const run = (...args) => {
      const { stdout, stderr } = spawnSync(program, args, { cwd: gatehouse.folder, encoding: 'utf8' });
      return stdout + stderr;
    };
    assert.ok(said(gatehouse, 'started')[0].text.includes(`; upstream TLS: ${by_name(upstream)} is NOT verified`));
    assert.ok(run('check', 'gatehouse.toml').includes(exit), 'by check');
    assert.match(run('show', '-c', 'gatehouse.toml'), /\ntls\.dangerously_accept_any_certificate = true\n/);
  });

  test('works with --to, which believes the authorities of the system alone', async (t) => {
    const upstream = await answering(t, of(local));
    const gatehouse = await startGatehouse(t, { to: by_name(upstream) });
    assert.equal((await exchange(t, gatehouse.port, get())).status, 502);
    await until(() => gatehouse.records().some((r) => r.reason === 'upstream.tls-untrusted'), 'its reason');
  });
});

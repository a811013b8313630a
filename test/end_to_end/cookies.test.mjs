// Cookies of an Express API behind the gateway: what is added over HTTP and HTTPS, what is mapped, and what the log says.
import assert from 'node:assert/strict';
import https from 'node:https';
import { before, describe, test } from 'node:test';
import { Authority, install } from './kit/certificates.mjs';
import { request } from './kit/client.mjs';
import { until, within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { setting, startCookieApi } from './fixtures/cookies.mjs';

/// The Set-Cookie lines over HTTPS, and the content.
async function secureRequest(port, ca, path, headers = {}) {
  return within(new Promise((resolve, reject) => {
    https.get({ host: '127.0.0.1', port, servername: 'localhost', ca, path, headers: { Host: `localhost:${port}`, ...headers }, agent: false }, async (answer) => {
      let body = '';
      for await (const piece of answer.setEncoding('utf8')) body += piece;
      resolve({ cookies: answer.headers['set-cookie'] ?? [], body });
    }).on('error', reject);
  }), path);
}

// What Express and its packages send, and what becomes of it: [as sent, over HTTP, over HTTPS].
const lines = [
  ['connect.sid=s%3A1.x; Path=/; HttpOnly', 'connect.sid=s%3A1.x; Path=/; HttpOnly; SameSite=Lax', 'connect.sid=s%3A1.x; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ['theme=dark; Max-Age=60; Path=/', 'theme=dark; Max-Age=60; Path=/; SameSite=Lax', 'theme=dark; Max-Age=60; Path=/; Secure; SameSite=Lax'],
  ['XSRF-TOKEN=abc; Path=/', 'XSRF-TOKEN=abc; Path=/; SameSite=Lax', 'XSRF-TOKEN=abc; Path=/; Secure; SameSite=Lax'],
  ['saml=1; HttpOnly', 'saml=1; HttpOnly', 'saml=1; HttpOnly; Secure'],
  ['strict=1; Secure; HttpOnly; SameSite=Strict', 'strict=1; Secure; HttpOnly; SameSite=Strict', 'strict=1; Secure; HttpOnly; SameSite=Strict'],
  ['widget=1; SameSite=None; HttpOnly', 'widget=1; SameSite=None; HttpOnly', 'widget=1; SameSite=None; HttpOnly; Secure'],
  ['here=1; Domain=127.0.0.1; HttpOnly; SameSite=Lax', 'here=1; HttpOnly; SameSite=Lax', 'here=1; HttpOnly; SameSite=Lax; Secure'],
  ['session=1; Path=/app; HttpOnly', 'session=1; Path=/app; HttpOnly; SameSite=Lax', '__Host-session=1; HttpOnly; Path=/; Secure; SameSite=Lax'],
  ['=nameless; Path=/', undefined, undefined],
];
const sent = lines.map(([line]) => line);
const config = '[cookies]\nreadable_by_scripts = ["theme"]\ncross_site = ["saml"]\nmap_to_host_prefix = ["session"]\n';

describe('cookies', { skip: without_gateway }, () => {
  let api, plain, secure, authority;
  before(async () => {
    api = await startCookieApi(file_scope);
    authority = new Authority(file_scope);
    plain = await startGatehouse(file_scope, { to: api.url, config });
    secure = await startGatehouse(file_scope, {
      to: api.url, config: `${config}[tls]\ncertificate = "a.pem"\nkey = "a.key"\n`,
      before: (folder) => install(folder, authority.issue(['localhost'])),
    });
  });

  test('get what they lack over HTTP', async () => {
    const answer = await request(plain.url, { path: setting(sent), headers: { Host: `localhost:${plain.port}` } });
    assert.deepEqual(answer.all('set-cookie'), lines.map(([, http]) => http).filter(Boolean));
  });

  test('get what they lack over HTTPS', async () => {
    const answer = await secureRequest(secure.port, authority.pem, setting(sent));
    assert.deepEqual(answer.cookies, lines.map(([, , https]) => https).filter(Boolean));
  });

  test('that are mapped come back under their own name, and nothing else does', async () => {
    for (const [cookie, want] of [
      ['a=1; __Host-session=x; b=2', 'a=1; session=x; b=2'],
      ['session=evil; __Host-session=x', 'session=x'],
      ['SESSION=evil; a=1', 'a=1'],
      ['session=evil', 'none'],
    ]) {
      const { body } = await secureRequest(secure.port, authority.pem, '/', { Cookie: cookie });
      assert.match(body, new RegExp(`<pre>${want}</pre>`), cookie);
    }
    const answer = await request(plain.url, { headers: { Cookie: 'session=x' } });
    assert.match(answer.body.toString(), /<pre>session=x<\/pre>/);
  });

  test('that are large and many arrive all the same', async () => {
    // As sessions that are kept in the cookies themselves: cut into pieces of what browsers take.
    const pieces = [0, 1, 2, 3].map((n) => `auth.${n}=${'x'.repeat(3_900)}; Path=/`);
    const answer = await secureRequest(secure.port, authority.pem, '/', {});
    assert.deepEqual(answer.cookies, []);
    const large = await startGatehouse(file_scope, { to: (await startLargeApi(pieces)).url });
    const got = await request(large.url);
    assert.deepEqual(got.all('set-cookie'), pieces.map((line) => `${line}; HttpOnly; SameSite=Lax`));
  });

  test('are spoken of once', async () => {
    const said = () => plain.records().filter((r) => r.event === 'hint' && /^Set-Cookie/.test(r.text ?? r.message));
    await request(plain.url, { path: setting(['lang=en', 'lang=de']) });
    await request(plain.url, { path: setting(['lang=en']) });
    await until(() => said().some((r) => /Set-Cookie lang/.test(r.text ?? r.message)), 'the hint');
    const hints = said().map((r) => r.text ?? r.message);
    assert.equal(hints.filter((text) => /Set-Cookie lang/.test(text)).length, 1, hints.join('\n'));
    assert.match(hints.find((text) => /Set-Cookie lang/.test(text)), /cookies\.readable_by_scripts = \["lang"\]/);
    assert.equal(plain.records().filter((r) => r.event === 'cookie-dropped').length, 1);
  });

  test('pass as they are where that is asked for', async (t) => {
    const off = await startGatehouse(t, { to: api.url, config: '[cookies]\ndangerously_off = true\n' });
    const answer = await request(off.url, { path: setting(sent) });
    assert.deepEqual(answer.all('set-cookie'), sent);
  });
});

async function startLargeApi(pieces) {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.writeHead(200, { 'Set-Cookie': pieces }).end('ok')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  file_scope.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}` };
}

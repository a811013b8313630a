// What Chromium makes of an API's cookies behind the gateway, and without its help: each row is known to matter.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { before, describe, test } from 'node:test';
import { Authority, install } from './kit/certificates.mjs';
import { skip, startChromium } from './kit/chromium.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { setting, startCookieApi } from './fixtures/cookies.mjs';

const lines = ['sid=1; Path=/', 'theme=dark; Path=/', 'XSRF-TOKEN=abc; Path=/', 'session=1; Path=/app', 'upstream=1; Domain=127.0.0.1'];
// The guard would keep the attacker's form from the API; here it is the cookies that are looked at. `headers`: the page has a script.
const common = '[csrf]\ndangerously_off = true\n[headers]\ncontent_security_policy = ""\n';
const hardened = '[cookies]\nreadable_by_scripts = ["theme"]\nmap_to_host_prefix = ["session"]\n';
const off = '[cookies]\ndangerously_off = true\n';

describe('cookies in Chromium', { skip: skip || without_gateway }, () => {
  let api, attacker, authority, browser;
  before(async () => {
    api = await startCookieApi(file_scope);
    authority = new Authority(file_scope);
    attacker = http.createServer((q, r) => {
      const to = new URL(q.url, 'http://x').searchParams.get('to');
      r.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><form id=f method=POST action="${to}"></form><script>f.submit()</script>`);
    }).listen(0, '127.0.0.1');
    await once(attacker, 'listening');
    file_scope.after(() => (attacker.closeAllConnections(), attacker.close()));
    browser = await startChromium(file_scope, { ignoreHTTPSErrors: true });
  });

  const overHttps = (t, config) => startGatehouse(t, {
    to: api.url, config: `${config}${common}[tls]\ncertificate = "a.pem"\nkey = "a.key"\n`,
    before: (folder) => install(folder, authority.issue(['localhost'])),
  });

  /// Sets the cookies. What the browser keeps, what scripts see, what the API gets, also when another site's page sends a form.
  async function visit(gatehouse, scheme) {
    await browser.clearCookies();
    const page = await browser.newPage();
    const home = `${scheme}://localhost:${gatehouse.port}`;
    await page.goto(home + setting(lines));
    const kept = Object.fromEntries((await browser.cookies(home)).map((c) =>
      [c.name, [c.secure && 'Secure', c.httpOnly && 'HttpOnly', c.sameSite].filter(Boolean).join(' ')]));
    const seen = (await page.evaluate(() => document.cookie)).split('; ').sort().join('; ');
    await page.goto(`${home}/app`);
    const received = (await page.textContent('pre')).split('; ').sort().join('; ');
    // The planted one: a plain-HTTP page of the same host, or a sibling, may set it.
    await browser.addCookies([{ name: 'session', value: 'evil', url: home }]);
    await page.goto(`${home}/app`);
    const planted = (await page.textContent('pre')).split('; ').filter((c) => c.startsWith('session=')).sort().join('; ');
    await page.goto(`http://127.0.0.1:${attacker.address().port}/?to=${encodeURIComponent(`${home}/app`)}`);
    await page.waitForURL(`${home}/app`);
    assert.equal(await page.title(), 'POST');
    const attacked = await page.textContent('pre');
    await page.close();
    return { kept, seen, received, planted, attacked };
  }

  test('over HTTPS: all are kept, and none goes along with a form of another site', async (t) => {
    assert.deepEqual(await visit(await overHttps(t, hardened), 'https'), {
      kept: {
        sid: 'Secure HttpOnly Lax', theme: 'Secure Lax', 'XSRF-TOKEN': 'Secure Lax', '__Host-session': 'Secure HttpOnly Lax',
        upstream: 'Secure HttpOnly Lax',
      },
      seen: 'XSRF-TOKEN=abc; theme=dark',
      received: 'XSRF-TOKEN=abc; session=1; sid=1; theme=dark; upstream=1',
      planted: 'session=1',
      attacked: 'none',
    });
  });

  test('over HTTP on one\'s own machine: nothing is lost', async (t) => {
    const got = await visit(await startGatehouse(t, { to: api.url, config: hardened + common }), 'http');
    assert.deepEqual(got.kept, { sid: 'HttpOnly Lax', theme: 'Lax', 'XSRF-TOKEN': 'Lax', upstream: 'HttpOnly Lax' });
    assert.equal(got.seen, 'XSRF-TOKEN=abc; theme=dark');
    assert.equal(got.received, 'XSRF-TOKEN=abc; session=1; sid=1; theme=dark; upstream=1');
    assert.equal(got.attacked, 'session=evil');  // the planted one, which says nothing of SameSite; not one of the API's
  });

  test('without the rule: scripts see them, and they go along with a form of another site', async (t) => {
    const got = await visit(await overHttps(t, off), 'https');
    assert.equal(got.kept.sid.includes('Secure') || got.kept.sid.includes('HttpOnly'), false);
    assert.equal(got.kept.upstream, undefined);
    assert.match(got.seen, /sid=1/);
    assert.match(got.planted, /session=evil/);
    assert.match(got.attacked, /sid=1/);
  });
});

// What attackers' pages do to somebody who is logged in, in Chromium: with the default settings none of it reaches the API,
// and without the guard each of it does, so that every row is known to be an attack.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { skip, startChromium } from './kit/chromium.mjs';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';

const csrf = { skip: skip || without_gateway };

/// An API with a login cookie; it counts what would have changed something.
async function startVictim(t) {
  const api = http.createServer((q, r) => {
    q.resume();
    if (q.url === '/login') return r.writeHead(200, { 'Set-Cookie': 'session=91c4; SameSite=Lax', 'Content-Type': 'text/html' }).end('<p>in');
    api.hit(`${q.method} ${q.url}`, q.headers.cookie ?? '');
    r.writeHead(q.url.endsWith('/chain') ? 307 : 200, q.url.endsWith('/chain') ? { Location: '/pay' } : {}).end('paid');
  });
  api.on('upgrade', (q, socket) => {
    api.hit(`WebSocket ${q.url}`, q.headers.cookie ?? '');
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
  });
  api.hits = [];
  api.hit = (what, cookie) => api.hits.push([what, cookie]);
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  t.after(() => (api.closeAllConnections(), api.close()));
  return Object.assign(api, { url: `http://127.0.0.1:${api.address().port}` });
}

/// Whatever the test wants to be served, at any name of this machine.
async function startAttacker(t) {
  const site = http.createServer((q, r) => {
    q.resume();
    if (q.url.startsWith('/bounce')) return r.writeHead(307, { Location: decodeURIComponent(q.url.slice('/bounce?'.length)) }).end();
    r.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>evil</title>${site.page}`);
  });
  site.page = '';
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => (site.closeAllConnections(), site.close()));
  return Object.assign(site, { port: site.address().port });
}

const form = (to, more = '') => `<form id=f method=POST action="${to}/pay" ${more}><input name=to value=mallory></form><script>f.submit()</script>`;

/// What the page at `from` does to `to`. `cookie`: the browser sends the login with it. `lax`: it would not even without us.
const attacks = [
  { name: 'a form of the sibling origin, same site', from: 'localhost', page: (to) => form(to), hit: 'POST /pay', cookie: true },
  { name: 'a form of another site', from: '127.0.0.1', page: (to) => form(to), hit: 'POST /pay' },
  { name: 'a text/plain form that is JSON', from: 'localhost', hit: 'POST /pay', cookie: true,
    page: (to) => `<form id=f method=POST enctype=text/plain action="${to}/pay"><input name='{"to":"mallory","a":"' value='"}'></form><script>f.submit()</script>` },
  { name: 'a form in a sandboxed frame (Origin: null)', from: 'localhost', hit: 'POST /pay',
    page: (to) => `<iframe sandbox="allow-scripts allow-forms" srcdoc='${form(to).replaceAll("'", '&#39;')}'></iframe>` },
  { name: 'a form without a referrer', from: 'localhost', page: (to) => `<meta name=referrer content=no-referrer>${form(to)}`, hit: 'POST /pay', cookie: true },
  { name: 'fetch in no-cors mode', from: 'localhost', hit: 'POST /pay', cookie: true,
    page: (to) => `<script>fetch('${to}/pay', { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'to=mallory' })</script>` },
  { name: 'fetch of a simple request, whose answer it cannot read', from: 'localhost', hit: 'POST /pay', cookie: true,
    page: (to) => `<script>fetch('${to}/pay', { method: 'POST', credentials: 'include', body: 'to=mallory' }).catch(() => {})</script>` },
  { name: 'sendBeacon', from: 'localhost', page: (to) => `<script>navigator.sendBeacon('${to}/pay', 'to=mallory')</script>`, hit: 'POST /pay', cookie: true },
  { name: 'a form by way of a redirect', from: 'localhost', hit: 'POST /pay', cookie: true,
    page: (to) => `<form id=f method=POST action="/bounce?${encodeURIComponent(`${to}/pay`)}"></form><script>f.submit()</script>` },
  { name: 'a WebSocket', from: 'localhost', page: (to) => `<script>new WebSocket('${to.replace('http', 'ws')}/socket')</script>`, hit: 'WebSocket /socket', cookie: true },
  { name: 'a WebSocket of another site', from: '127.0.0.1', page: (to) => `<script>new WebSocket('${to.replace('http', 'ws')}/socket')</script>`, hit: 'WebSocket /socket' },
];

/// What reaches the API when somebody who is logged in opens the page.
async function attack(browser, api, site, gateway, a) {
  const victim = `http://localhost:${gateway.port}`;
  const context = await browser.newPage();
  await context.goto(`${victim}/login`);
  site.page = a.page(victim);
  api.hits = [];
  const refused = gateway.refusals();
  await context.goto(`http://${a.from}:${site.port}/`, { waitUntil: 'commit' });
  await until(() => api.hits.length > 0 || gateway.refusals() > refused, a.name, 30_000);
  await context.close();
  return api.hits.map(([what, cookie]) => [what, cookie !== '']);
}

for (const guarded of [true, false]) {
  test(guarded ? 'nothing reaches the API' : 'without the guard everything does', { ...csrf, timeout: 300_000 }, async (t) => {
    const api = await startVictim(t);
    const site = await startAttacker(t);
    const gateway = await startGatehouse(t, { config: `upstream = "${api.url}"\n[csrf]\ndangerously_off = ${!guarded}\n` });
    gateway.refusals = () => gateway.records().filter((r) => r.event === 'request' && String(r.reason).startsWith('csrf.')).length;
    const browser = await startChromium(t);
    for (const a of attacks) {
      const reached = await attack(browser, api, site, gateway, a);
      assert.deepEqual(reached, guarded ? [] : [[a.hit, a.cookie ?? false]], a.name);
    }
  });
}

// The id of who has no session is a Secure cookie, which Chromium takes from http://localhost.
test('an own page has tokens, another one gets none', { ...csrf, timeout: 120_000 }, async (t) => {
  const api = await startVictim(t);
  const site = await startAttacker(t);
  const elsewhere = `http://localhost:${site.port}`;
  const gateway = await startGatehouse(t, {
    config: `upstream = "${api.url}"
[headers]
profile = "spa"
[cors]
origins = ["${elsewhere}"]
credentials = true
[csrf]
token_keys = ["kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe"]
require_token = true
`,
  });
  const own = `http://localhost:${gateway.port}`;
  const browser = await startChromium(t);
  const page = await browser.newPage();
  const paid = () => api.hits.filter(([what]) => what === 'POST /pay').length;
  await page.goto(`${own}/login`);
  const statuses = await page.evaluate(async () => {
    const { token } = await (await fetch('/.gatehouse/csrf-token')).json();
    const pay = async (headers) => (await fetch('/pay', { method: 'POST', headers })).status;
    return [await pay({}), await pay({ 'X-CSRF-Token': token })];
  });
  assert.deepEqual(statuses, [403, 200]);
  assert.equal(paid(), 1);

  // A form without scripts: the field is enough.
  await page.evaluate(async () => {
    const { token } = await (await fetch('/.gatehouse/csrf-token')).json();
    document.body.innerHTML = `<form id=f method=POST action=/pay><input name=to value="Ada &amp; Bob"><input name=csrf_token value="${token}"></form>`;
  });
  await page.evaluate(() => document.forms.f.submit());
  await until(() => paid() === 2, 'the form', 30_000);

  await page.goto(elsewhere);
  assert.equal(await page.evaluate(async (url) => (await fetch(url, { credentials: 'include' })).status, `${own}/.gatehouse/csrf-token`), 403);
});

// What attackers do with the answers of an API, in Chromium: run a stranger's text as a script, read or embed what is somebody
// else's. Behind the default settings none of it works; with the API alone each of it does, so every row is known to be an attack.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { skip, startChromium } from './kit/chromium.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';

const script = 'globalThis.ran = true';
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/// What the API answers, by path: it echoes what a stranger stored, under the type of the row.
const served = {
  '/reflected.html': ['text/html', `<p>hello <script>${script}</script>`],
  '/reflected.xml': ['application/xml', `<x:script xmlns:x="http://www.w3.org/1999/xhtml">${script}</x:script>`],
  '/reflected.xhtml': ['application/xhtml+xml', `<html xmlns="http://www.w3.org/1999/xhtml"><body><script>${script}</script></body></html>`],
  '/avatar.svg': ['image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg"><script>${script}</script></svg>`],
  '/untyped': [undefined, `<!doctype html><script>${script}</script>`],
  '/mistyped': ['foo', `<!doctype html><script>${script}</script>`],
  '/private.json': ['application/json', `globalThis.ran = 'read'`],
  '/private.txt': ['text/plain', `globalThis.ran = 'read'`],
  '/upload.bin': ['application/octet-stream', `globalThis.ran = 'read'`],
  '/styles.txt': ['text/plain', 'body { color: rgb(1, 2, 3) }'],
  '/private.gif': ['image/gif', pixel],
  '/page': ['text/html', '<button>pay</button>'],
};

async function serve(hooks, answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  hooks.after(() => (server.closeAllConnections(), server.close()));
  return server.address().port;
}

let browser, api, site;
let page_of_attacker = '';
before(async () => {
  if (skip || without_gateway) return;
  api = await serve(file_scope, (q, r) => {
    const [type, content] = served[new URL(q.url, 'http://x').pathname] ?? ['text/plain', ''];
    if (type !== undefined) r.setHeader('Content-Type', type);
    r.end(content);
  });
  site = await serve(file_scope, (_, r) => r.setHeader('Content-Type', 'text/html').end(`<!doctype html>${page_of_attacker}`));
  browser = await startChromium(file_scope);
});

/// Opening the API's own answer. `works`: what the page then shows of the attack.
const navigations = ['/reflected.html', '/reflected.xml', '/reflected.xhtml', '/avatar.svg', '/untyped', '/mistyped'];

/// What a page of another site does with it. `works` looks, in that page, whether it did.
const inclusions = [
  { name: 'JSON as a script', page: (to) => `<script src="${to}/private.json"></script>`, works: () => globalThis.ran === 'read' },
  { name: 'text as a script', page: (to) => `<script src="${to}/private.txt"></script>`, works: () => globalThis.ran === 'read' },
  { name: 'an upload as a script', page: (to) => `<script src="${to}/upload.bin"></script>`, works: () => globalThis.ran === 'read' },
  { name: 'an image of somebody else', page: (to) => `<img src="${to}/private.gif">`, works: () => document.images[0].naturalWidth === 1 },
  { name: 'an opaque fetch', page: (to) => `<script>globalThis.done = fetch('${to}/private.json', { mode: 'no-cors' }).then(() => true, () => false)</script>`, works: () => globalThis.done },
  { name: 'a frame, to be clicked in', page: (to) => `<iframe src="${to}/page"></iframe>`, works: () => globalThis.frames[0].length !== undefined, frames: true },
  { name: 'a handle on a window', page: (to) => `<script>globalThis.opened = open('${to}/page')</script>`, works: () => globalThis.opened !== null && !globalThis.opened.closed, opens: true },
];

async function run_navigation(origin, path) {
  const page = await browser.newPage();
  await page.goto(`${origin}${path}?${Math.random()}`, { waitUntil: 'load' }).catch((e) => { if (!/Download is starting/.test(e.message)) throw e; });
  const ran = await page.evaluate(() => globalThis.ran === true);
  await page.close();
  return ran;
}

async function run_inclusion(origin, row) {
  page_of_attacker = row.page(origin);
  const page = await browser.newPage();
  const popup = row.opens ? page.waitForEvent('popup') : undefined;
  await page.goto(`http://127.0.0.1:${site}/`, { waitUntil: 'load' });
  let works;
  if (row.frames) {
    const frame = page.frames().find((f) => f !== page.mainFrame());
    works = await frame.evaluate(() => document.querySelector('button') !== null);
  } else {
    if (popup) await (await popup).waitForLoadState('load');
    works = await page.evaluate(row.works);
  }
  for (const open of browser.pages().slice(1)) await open.close();
  return works;
}

for (const behind of [true, false]) {
  test(behind ? 'behind the default settings no attack works' : 'without them every attack does', { skip: skip || without_gateway, timeout: 120_000 }, async (t) => {
    const gatehouse = behind ? await startGatehouse(t, { to: `http://127.0.0.1:${api}` }) : { port: api };
    const origin = `http://localhost:${gatehouse.port}`;
    const outcomes = {};
    for (const path of navigations) outcomes[path] = await run_navigation(origin, path);
    for (const row of inclusions) outcomes[row.name] = await run_inclusion(origin, row);
    assert.deepEqual(outcomes, Object.fromEntries(Object.keys(outcomes).map((name) => [name, !behind])));
  });
}

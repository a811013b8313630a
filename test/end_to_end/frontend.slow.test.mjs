// A React page from Vite's server on one port, an Express API behind the gateway on another, the command of the README between
// them, and Chromium: everything that a page does with its API works; without its origin nothing of it can be read.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';
import { startApi } from './kit/api.mjs';
import { skip, startChromium } from './kit/chromium.mjs';
import { until } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { source_dir, startGatehouse, without_gateway } from './kit/gatehouse.mjs';

/// The flags of the README's command, with our ports for its: --to and --allow-origin.
function readmeFlags(api, page) {
  const readme = readFileSync(join(source_dir, 'README.md'), 'utf8');
  const [, flags] = readme.match(/^build\/release\/bin\/gatehouse run (--to \S+ --allow-origin \S+)$/m);
  assert.deepEqual(flags.split(' ').filter((word) => word.startsWith('--')), ['--to', '--allow-origin']);
  return flags.replace('http://localhost:5000', api).replace('http://localhost:3000', page).split(' ');
}

let api, page_url, browser;
before(async () => {
  if (skip || without_gateway) return;
  api = await startApi(file_scope);
  const cache = mkdtempSync(join(tmpdir(), 'gatehouse-vite-'));
  file_scope.after(() => rmSync(cache, { recursive: true, force: true }));
  const vite = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('fixtures/frontend', import.meta.url)),
    cacheDir: cache,
    logLevel: 'error',
    plugins: [react()],
    optimizeDeps: { include: ['react', 'react-dom/client', 'react/jsx-dev-runtime'] },  // or it reloads the page once it has seen them
    server: { host: 'localhost', port: 0 },
  });
  await vite.listen();
  file_scope.after(() => vite.close());
  page_url = `http://localhost:${vite.httpServer.address().port}`;
  browser = await startChromium(file_scope);
});

async function visit(gatehouse) {
  const page = await browser.newPage();
  await page.goto(`${page_url}/?api=http://localhost:${gatehouse.port}`);
  await page.waitForFunction(() => document.title === 'done', undefined, { timeout: 60_000 });
  const results = await page.evaluate(() => globalThis.results);
  await page.close();
  return results;
}

test('everything works from the listed origin', { skip: skip || without_gateway }, async (t) => {
  const gatehouse = await startGatehouse(t, { args: [...readmeFlags(`http://localhost:${api.port}`, page_url), '--allow-credentials'] });
  const ok = (status, text) => ({ status, text });
  assert.deepEqual(await visit(gatehouse), {
    'GET': ok(200, '{"id":"1","title":"first"}'),
    'HEAD': ok(200, ''),
    'POST': ok(201, '{"id":"8"}'),
    'PUT': ok(200, '{"title":"eight","id":"8"}'),
    'PATCH': ok(200, '{"patched":"8","with":{"a":1}}'),
    'DELETE': ok(204, ''),
    '404': ok(404, '{"error":"no such note"}'),
    '500': { status: 500, bland: true },
    'redirect': ['/notes/1', true],
    'cookies': true,
    'upload': { status: 200, more: true, form: true },
    'picture': [16, 16],
    'events': ['one', 'two'],
    'socket': ['notes.v2', 4001, 'as asked'],
  });
});

test('nothing can be read from another, and the log says what to write', { skip: skip || without_gateway }, async (t) => {
  const other = page_url.replace(/\d+$/, '1');
  const gatehouse = await startGatehouse(t, { args: [...readmeFlags(`http://localhost:${api.port}`, other), '--allow-credentials'] });
  const results = await visit(gatehouse);
  for (const name of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', '404', '500', 'redirect', 'cookies', 'upload']) {
    assert.equal(results[name], 'TypeError: Failed to fetch', name);
  }
  assert.equal(results.events, 'error');
  const refused = await until(() => gatehouse.records().find((record) => record.reason === 'cors.origin-not-allowed'), 'the record');
  assert.equal(refused.origin, page_url);
});

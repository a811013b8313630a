// A page that the API serves, and everything it does with the API, work in Chromium with the gateway between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApi } from './kit/api.mjs';
import { skip, startChromium } from './kit/chromium.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';

async function openPage(t) {
  const browser = await startChromium(t);
  const page = await browser.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

test('a page of the same origin', { skip }, async (t) => {
  const api = await startApi(t);
  const gatehouse = await startGatehouse(t, { to: api.url });
  const { page, complaints } = await openPage(t);
  const received = [];
  page.on('response', (response) => received.push(response));

  await page.goto(gatehouse.url);
  await page.waitForFunction(() => document.title === 'done', undefined, { timeout: 30_000 });
  if (process.env.GATEHOUSE_SCREENSHOT) await page.screenshot({ path: process.env.GATEHOUSE_SCREENSHOT });

  const json = (status, text) => ({ status, text, id: !without_gateway });
  assert.deepEqual(await page.evaluate(() => globalThis.results), {
    'GET': json(200, '{"id":"1","title":"first"}'),
    'HEAD': json(200, ''),
    'POST': json(201, '{"id":"8"}'),
    'PUT': json(200, '{"title":"eight","id":"8"}'),
    'PATCH': json(200, '{"patched":"8","with":{"a":1}}'),
    'DELETE': json(204, ''),
    '404': json(404, '{"error":"no such note"}'),
    '500': { status: 500, bland: !without_gateway },
    'query': '\\|^{}[]"',
    'redirect': ['/notes/1', true],
    'upload': { status: 200, more: true, form: true },
    'picture': [16, 16],
    'events': ['one', 'two'],
    'socket': ['notes.v2', 4001, 'as asked'],
  });
  assert.equal(await page.evaluate(() => document.getElementById('picture').naturalWidth), 16, 'the picture of the page');
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('li')).color), 'rgb(0, 100, 0)', 'the style sheet');

  const unexpected = complaints.filter((text) => !/the server responded with a status of (404|500)/.test(text));
  assert.deepEqual(unexpected, []);
  if (without_gateway) return;
  for (const response of received) {
    const headers = await response.allHeaders();
    assert.equal(headers['x-content-type-options'], 'nosniff', response.url());
    assert.equal(headers['x-powered-by'], undefined, response.url());
  }
});

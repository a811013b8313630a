// Chromium as the judge of rules/browser: pages on several origins fetch what a seeded generator says, and for every case what
// the page saw and what the servers were asked is what the model says. GATEHOUSE_MATRIX_CASES and _SEED: more, and others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesOf } from './kit/browser_cases.mjs';
import { skip, startChromium } from './kit/chromium.mjs';
import { deviations, skipped } from './kit/chromium_deviations.mjs';
import { source_dir } from './kit/gatehouse.mjs';
import { bin } from './kit/oracle.mjs';
import { openPages, runAll, runInPage } from './kit/page_fetches.mjs';
import { sequences } from './kit/preflight_sequences.mjs';
import { startOrigins } from './kit/scripted_origins.mjs';

const count = Number(process.env.GATEHOUSE_MATRIX_CASES ?? 2000);
const seed = Number(process.env.GATEHOUSE_MATRIX_SEED ?? 20261125);
const used = new Map();  // deviation: how often
const uses = (name) => used.set(name, (used.get(name) ?? 0) + 1);
const oracle = bin('browser_oracle');

/// What the model says of each case, by id.
function modelOf(cases) {
  const run = spawnSync(oracle, { input: cases.map((c) => `${JSON.stringify(c)}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  return new Map(run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)).map((one) => [one.id, one]));
}

// --- What is compared --------------------------------------------------------------------------------------------------------------
const compared = ['accept', 'origin', 'access-control-request-method', 'access-control-request-headers', 'authorization', 'content-type',
  'sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-dest', 'x-http-method-override', 'range', 'sec-websocket-protocol'];

// The HTTP cache writes some of them anew.
const without_spaces = (one) => (one.range === undefined ? one : { ...one, range: one.range.replaceAll(' ', '') });
const fromModel = (sent) => {
  const lower = sent.headers.map(([name, value]) => [name.toLowerCase(), value]);
  return without_spaces({ method: sent.method, cookie: sent.credentials, ...Object.fromEntries(lower.filter(([name]) => compared.includes(name))) });
};
const fromServer = ({ method, headers }) => without_spaces({
  method, cookie: /\bsid=1\b/.test(headers.cookie ?? ''), ...Object.fromEntries(Object.entries(headers).filter(([name]) => compared.includes(name))),
});

/// The same words for what the model says and for what happened.
function expectationOf(c, said) {
  const asked = said.sent.map(fromModel);
  const seen = c.websocket ? { open: said.open, asked }
    : { type: said.type === 'type-error' ? 'error' : said.type, status: said.status, headers: said.headers, redirected: said.redirected, asked };
  if (['basic', 'cors'].includes(said.type)) seen.timing = said.timing;
  for (const [name, deviation] of Object.entries(deviations)) {
    if (deviation.apply(c, seen, said)) uses(name);
  }
  return seen;
}
function realityOf(c, said, result, asked) {
  const seen = { ...result, asked: asked.map(fromServer) };
  if (c.websocket || !['basic', 'cors'].includes(result.type)) delete seen.timing;
  // Who gets no answer on a connection that was used before tries once more (RFC 9110 section 9.2.2).
  while (said.why === 'no-answer' && seen.asked.length > said.sent.length) seen.asked.pop();
  return seen;
}

test('every deviation of Chromium is listed in docs/deviations.md, in these words', () => {
  const listed = readFileSync(join(source_dir, 'docs/deviations.md'), 'utf8');
  for (const [name, { why }] of Object.entries({ ...deviations, ...skipped })) assert.ok(listed.includes(`| \`${name}\` | ${why} |`), name);
});

test(`${count} cases of seed ${seed}: what Chromium does is what the model says`, { skip, timeout: 280_000 }, async (t) => {
  const { cases: scripts, asked, origins } = await startOrigins(t);
  const all = casesOf(seed, count, origins);
  for (const c of all) scripts.set(c.id, c);
  const model = modelOf(all);
  const browser = await startChromium(t);
  const pages = await openPages(browser, origins, '/cookie');
  const began = performance.now();
  const results = await runAll(pages, all);
  t.diagnostic(`${count} cases in ${Math.round(performance.now() - began)} ms`);

  const whys = {};
  const is_skipped = ([, one], c, said) => one.applies(c, said);
  const differences = [];
  for (const c of all) {
    const said = model.get(c.id);
    whys[said.why] = (whys[said.why] ?? 0) + 1;
    const leave_out = Object.entries(skipped).find((one) => is_skipped(one, c, said));
    if (leave_out) {
      uses(leave_out[0]);
      continue;
    }
    const expected = expectationOf(c, said);
    const real = realityOf(c, said, results[c.id], asked.get(c.id) ?? []);
    for (const name of Object.keys(expected).filter((key) => expected[key] === 'any')) real[name] = 'any';
    try {
      assert.deepEqual(real, expected);
    } catch (e) {
      differences.push({ c, said, real, message: e.message });
    }
  }
  t.diagnostic(`outcomes: ${JSON.stringify(whys)}`);
  t.diagnostic(`deviations: ${JSON.stringify(Object.fromEntries(used))}`);
  if (process.env.GATEHOUSE_MATRIX_DUMP) {
    writeFileSync(process.env.GATEHOUSE_MATRIX_DUMP, JSON.stringify(differences, null, 1));
  }
  assert.equal(differences.length, 0, differences.slice(0, 5).map(({ c, said, message }) => `case ${c.id}, ${said.why}: ${JSON.stringify(c)}\n${message}`).join('\n'));
});

// --- The preflight cache -----------------------------------------------------------------------------------------------------------
function stepsOf({ steps }, id, [page, , api]) {
  const both = [['Access-Control-Allow-Origin', page], ['Access-Control-Allow-Credentials', 'true']];
  return steps.map(([ask, { methods, headers = '', age }]) => {
    const preflight = [...both, ['Access-Control-Allow-Methods', methods], ['Access-Control-Allow-Headers', headers], ['Content-Length', '0']];
    if (age !== undefined) preflight.push(['Access-Control-Max-Age', age]);
    const answer = [...(ask.unreadable ? [] : both), ['Content-Length', '0']];
    const request = { method: 'GET', headers: [], credentials: 'same-origin', mode: 'cors', redirect: 'follow', body: null, ...ask };
    return { ...request, id, cache: id, page, url: `${api}/c/${id}/0`, answers: [{ preflight: { status: 204, headers: preflight.filter(([, value]) => value !== '') }, answer: { status: 200, headers: answer } }] };
  });
}

test('the preflight cache', { skip }, async (t) => {
  const { cases: scripts, asked, origins } = await startOrigins(t);
  const browser = await startChromium(t);
  const page = await browser.newPage();
  await page.goto(origins[0]);
  for (const [i, sequence] of sequences.entries()) {
    await t.test(sequence.name, async () => {
      const id = `s${i}`;
      const steps = stepsOf(sequence, id, origins);
      const run = spawnSync(oracle, { input: steps.map((c) => `${JSON.stringify(c)}\n`).join(''), encoding: 'utf8' });
      const model = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
      const real = [];
      for (const step of steps) {
        scripts.set(id, step);
        asked.delete(id);
        const result = (await page.evaluate(runInPage, [step]))[id];
        real.push({ type: result.type, asks: asked.get(id)[0].method === 'OPTIONS' });
      }
      const said = model.map((one) => ({ type: one.type, asks: one.sent[0].preflight }));
      if (sequence.chromium) {
        const listed = readFileSync(join(source_dir, 'docs/deviations.md'), 'utf8');
        assert.ok(listed.includes(`| \`${sequence.chromium.why}\` |`), sequence.chromium.why);
        assert.notDeepEqual(said.map((one) => one.asks), sequence.chromium.asks, 'it differs');
        said.forEach((one, at) => { one.asks = sequence.chromium.asks[at]; });
      }
      assert.deepEqual(real, said);
    });
  }
});

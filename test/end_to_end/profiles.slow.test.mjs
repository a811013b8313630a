// The header profiles in Chromium: Vite's build of a React page, which nobody changed for it, served by Express behind the
// gateway. Google's CSP Evaluator on their policies, and helmet's own values, from helmet.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import react from '@vitejs/plugin-react';
import evaluator from 'csp_evaluator';
import findings from 'csp_evaluator/dist/finding.js';
import parser from 'csp_evaluator/dist/parser.js';
import express from 'express';
import helmet from 'helmet';
import { build } from 'vite';
import { skip, startChromium } from './kit/chromium.mjs';
import { request } from './kit/client.mjs';
import { until } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { program, startGatehouse, without_gateway } from './kit/gatehouse.mjs';

// A page that shows what a build contains: a module of its own, a style sheet, a picture that Vite puts inline, a style element
// made while it runs, and a request to its API. And what must not run: a script that somebody put into the page.
const sources = {
  'index.html': `<!doctype html><html><head><title>built</title></head><body><div id="root"></div>
<script type="module" src="/main.jsx"></script></body></html>`,
  'main.jsx': `
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import './main.css';
import dot from './dot.svg';
const late = document.createElement('style');
late.textContent = '.late { color: rgb(0, 0, 255) }';
document.head.append(late);
function App() {
  const [answer, setAnswer] = useState('');
  useEffect(() => { fetch('/api').then((r) => r.text()).then(setAnswer, (e) => setAnswer(String(e))); }, []);
  return <main><h1 className="early">hello</h1><p className="late">late</p><img src={dot} alt="" /><output>{answer}</output></main>;
}
createRoot(document.getElementById('root')).render(<App />);
const injected = document.createElement('script');
injected.textContent = 'globalThis.injected = true';
document.body.append(injected);
`,
  'main.css': '.early { color: rgb(255, 0, 0) }',
  'dot.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"><circle cx="3" cy="3" r="3"/></svg>',
};

let upstream, browser;
before(async () => {
  if (skip || without_gateway) return;
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'node_modules', '.built-'));
  file_scope.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
  await build({ configFile: false, root: folder, logLevel: 'error', plugins: [react()], build: { outDir: join(folder, 'dist') } });
  const app = express();
  app.get('/api', (_, response) => response.type('text/plain').send('answered'));
  app.use(express.static(join(folder, 'dist')));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  file_scope.after(() => { server.closeAllConnections(); server.close(); });
  upstream = `http://127.0.0.1:${server.address().port}`;
  browser = await startChromium(file_scope, { ignoreHTTPSErrors: true });
});

/// What the page shows behind the gateway with this [headers].
async function visit(t, headers) {
  const gatehouse = await startGatehouse(t, { config: `upstream = "${upstream}"\n[headers]\n${headers}\n` });
  const page = await browser.newPage();
  const refused = [];
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) refused.push(message.text()); });
  await page.goto(`http://localhost:${gatehouse.port}/`, { waitUntil: 'load' });
  const rendered = await page.waitForFunction(() => document.querySelector('output')?.textContent, undefined, { timeout: 3_000 })
    .then(() => true, () => false);
  const shown = rendered && await page.evaluate(() => ({
    answer: document.querySelector('output').textContent,
    early: getComputedStyle(document.querySelector('.early')).color,
    late: getComputedStyle(document.querySelector('.late')).color,
    picture: document.querySelector('img').naturalWidth,
    injected: globalThis.injected === true,
  }));
  await page.close();
  return { shown, refused };
}

const whole = { answer: 'answered', early: 'rgb(255, 0, 0)', late: 'rgb(0, 0, 255)', picture: 7 };

test('spa renders the build, and runs no script that was put into it', { skip: skip || without_gateway }, async (t) => {
  const { shown, refused } = await visit(t, 'profile = "spa"');
  assert.deepEqual(shown, { ...whole, injected: false });
  assert.equal(refused.length, 1, refused.join('\n'));  // the injected one
});

test('without a policy the script that was put in runs', { skip: skip || without_gateway }, async (t) => {
  const { shown, refused } = await visit(t, 'profile = "spa"\ncontent_security_policy = ""');
  assert.deepEqual([shown, refused], [{ ...whole, injected: true }, []]);
});

test('api shows a blank page, as first_day says', { skip: skip || without_gateway }, async (t) => {
  const { shown, refused } = await visit(t, 'profile = "api"');
  assert.equal(shown, false);
  assert.notEqual(refused.length, 0);
});

// Google's CSP Evaluator on what each profile really sends. A frontend's build that nobody changed has neither nonces nor hashes, so
// its scripts are allowed by where they are from, which the judge calls a maybe: that is what `spa` and helmet's values cost.
/// A page as an application renders it: its scripts have the nonce that the gateway gave to it, and one of them loads another.
function rendered(nonce) {
  return `<!doctype html><title>rendered</title><script nonce="${nonce}">
    globalThis.ran = ['own'];
    const more = document.createElement('script');
    more.src = trustedTypes.createPolicy('own', { createScriptURL: (url) => url }).createScriptURL('/more.js');
    document.head.append(more);
  </script><p>text of a stranger: <script>globalThis.ran.push('injected')</script><img src=x onerror="ran.push('handler')">
  <script nonce="${nonce.slice(0, -1)}">globalThis.ran.push('guessed')</script>`;
}

test('page runs the scripts that have the nonce, and what they load, and nothing else', { skip: skip || without_gateway }, async (t) => {
  const seen = [];
  const app = express();
  app.get('/more.js', (_, response) => response.type('text/javascript').send("globalThis.ran.push('loaded')"));
  app.get('/', (q, response) => {
    seen.push(q.get('x-csp-nonce'));
    response.set('Cache-Control', 'public, max-age=600').type('html').send(rendered(q.get('x-csp-nonce')));
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const gatehouse = await startGatehouse(t, {
    config: `upstream = "http://127.0.0.1:${server.address().port}"\n[headers]\nprofile = "page"\nreport_to = "/.gatehouse/reports"\n[telemetry]\nlisten = "127.0.0.1:0"\n`,
  });
  const [, telemetry] = await gatehouse.says(/telemetry on (http:\S+)/);
  const page = await browser.newPage();
  for (let visits = 1; visits <= 2; ++visits) {
    await page.goto(`http://localhost:${gatehouse.port}/`, { waitUntil: 'load' });
    await page.waitForFunction(() => globalThis.ran?.includes('loaded'), undefined, { timeout: 10_000 });
    assert.deepEqual(await page.evaluate(() => globalThis.ran), ['own', 'loaded']);
    assert.equal(seen.length, visits, 'a page with a nonce is stored nowhere');
  }
  assert.match(seen[0], /^[A-Za-z0-9_-]{24}$/);
  assert.notEqual(seen[0], seen[1]);
  // What it kept from running, the browser reports.
  const metric = 'gatehouse_browser_reports_total{kind="csp",directive="script-src-elem",disposition="enforce"}';
  await until(async () => (await request(telemetry, { path: '/metrics' })).body.includes(metric), 'a report', 90_000);
  await until(() => gatehouse.records().some((r) => r.event === 'browser-report' && / of the Content-Security-Policy forbade inline on \//.test(r.text)), 'its line');
  // Nobody else chooses the nonce.
  const answer = await request(gatehouse.url, { headers: { 'X-CSP-Nonce': 'AAAAAAAAAAAAAAAAAAAAAAAA' } });
  assert.doesNotMatch(`${answer.get('content-security-policy')}${answer.body}`, /AAAAAAAAAAAA/);
  assert.deepEqual([answer.get('cache-control'), answer.body.includes(`nonce="${seen[2]}"`)], ['no-store', true]);
  assert.ok(answer.get('content-security-policy').includes(`'nonce-${seen[2]}'`));
});

const by_origin = [["script-src", "'self'", 50]];
for (const [profile, expected] of Object.entries({ api: [], strict: [], spa: by_origin, page: [], helmet: by_origin })) {
  test(`CSP Evaluator finds nothing but ${expected.length} in ${profile}`, { skip: without_gateway }, async (t) => {
    // A page, of which `page` has a policy with a nonce.
    const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<p>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    t.after(() => { server.closeAllConnections(); server.close(); });
    const gatehouse = await startGatehouse(t, { config: `upstream = "http://127.0.0.1:${server.address().port}"\n[headers]\nprofile = "${profile}"\n` });
    const policy = (await request(gatehouse.url)).get('content-security-policy');
    assert.equal(policy.includes("'nonce-"), profile === 'page');
    const found = new evaluator.CspEvaluator(new parser.CspParser(policy).csp).evaluate();
    const bad = found.filter(({ severity }) => severity < 60);  // 60 and above inform
    assert.deepEqual(bad.map(({ directive, value, severity }) => [directive, value, severity]), expected, policy);
  });
}

test('CSP Evaluator finds what is bad', () => {
  const found = new evaluator.CspEvaluator(new parser.CspParser("script-src 'unsafe-inline' *").csp).evaluate();
  assert.ok(found.some(({ severity }) => severity === 10));
});

/// What `check` says of policies that somebody wrote, against CSP Evaluator: the same kinds of findings in the same places, of those
/// that are more than a hint. (Which hosts hand out anybody's scripts, each has a list of its own of: that is the same kind.)
const kinds = {
  'csp-unsafe-inline': 'SCRIPT_UNSAFE_INLINE', 'csp-unsafe-hashes': 'SCRIPT_UNSAFE_HASHES', 'csp-unsafe-eval': 'SCRIPT_UNSAFE_EVAL',
  'csp-any-of-scheme': 'PLAIN_URL_SCHEMES', 'csp-any-host': 'PLAIN_WILDCARD', 'csp-missing-base-uri': 'MISSING_DIRECTIVES',
  'csp-allow-list': 'SCRIPT_ALLOWLIST_BYPASS', 'csp-plugins': 'OBJECT_ALLOWLIST_BYPASS', 'csp-plain-http': 'SRC_HTTP',
  'csp-missing-semicolon': 'MISSING_SEMICOLON', 'csp-unknown-keyword': 'INVALID_KEYWORD',
};

/// The same numbers from 0 to 1 for the same seed (mulberry32).
function random_from(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/// Policies at random.
function random_policies(count, next) {
  const some = (list, most) => [...new Set(Array.from({ length: 1 + Math.floor(next() * most) }, () => list[Math.floor(next() * list.length)]))];
  const places = ["'self'", 'https:', 'data:', '*', 'https://*', 'https://cdn.example.com', '*.example.com:8443', 'http://plain.example.com/x', 'unpkg.com', 'https://cdn.jsdelivr.net',
    "'unsafe-eval'", "'unsafe-hashes'", "'wasm-unsafe-eval'", "'report-sample'", "'all'", 'img-src'];
  const proofs = ["'nonce'", "'sha256-YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY='", "'strict-dynamic'", "'unsafe-inline'"];
  return Array.from({ length: count }, () => {
    const directives = [['default-src', ...(next() < 0.5 ? ["'none'"] : some(places, 3))]];
    for (const name of ['script-src', 'script-src-elem', 'script-src-attr']) {
      const all = [...places, ...proofs, ...proofs].filter((one) => one !== "'nonce'" || name !== 'script-src-attr');  // attributes have none
      if (next() < 0.5) directives.push([name, ...some(all, 5)]);
    }
    for (const name of ['object-src', 'base-uri', 'img-src', 'connect-src']) if (next() < 0.4) directives.push([name, ...(next() < 0.3 ? ["'none'"] : some(places, 2))]);
    return directives.map((words) => words.join(' ')).join('; ');
  });
}

test('check finds in a policy what CSP Evaluator finds', { skip: without_gateway }, (t) => {
  const policies = random_policies(500, random_from(20261130));
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-csp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'gatehouse.toml');
  writeFileSync(file, `upstream = "http://127.0.0.1:1"\n${policies.map((policy, i) => `[[route]]\nmatch = "/${i}"\nheaders.content_security_policy = "${policy}"\n`).join('')}`);
  const { stdout, stderr } = spawnSync(program, ['check', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const ours = policies.map(() => new Set());
  for (const [, line, code, directive, source] of (stdout + stderr).matchAll(/:(\d+):\d+: (?:warning|info)\[(csp-[a-z-]+)\]: route\.headers\.content_security_policy: ([a-z-]+)(?: (\S+))?: /g)) {
    ours[(Number(line) - 4) / 3].add(`${kinds[code]} ${directive} ${source ?? ''}`);
  }
  let found = 0;
  for (const [i, policy] of policies.entries()) {
    const read = new parser.CspParser(policy.replaceAll("'nonce'", "'nonce-QUJDREVGR0hJSktMTU5P'")).csp;
    const theirs = new evaluator.CspEvaluator(read).evaluate().filter(({ severity }) => severity < 60)
      .map(({ type, directive, value }) => `${findings.Type[type]} ${directive} ${value ?? ''}`);
    found += theirs.length;
    // Whose scripts a <base> could move is decided by script-src-elem where there is one; the judge looks at script-src.
    if (/script-src-elem/.test(policy)) {
      ours[i].delete('MISSING_DIRECTIVES base-uri ');
      if (theirs.includes('MISSING_DIRECTIVES base-uri ')) theirs.splice(theirs.indexOf('MISSING_DIRECTIVES base-uri '), 1);
    }
    assert.deepEqual([...ours[i]].sort(), [...new Set(theirs)].sort(), policy);
  }
  t.diagnostic(`${found} findings in ${policies.length} policies`);
});

/// The fields that helmet and the profiles are about.
const is_about_security = /^(content-security-policy|cross-origin-|origin-agent-cluster|referrer-policy|strict-transport-security|x-(content-type|dns|download|frame|permitted|xss))/;

test('helmet sends what helmet sends', { skip: without_gateway }, async (t) => {
  const app = express();
  app.get('/with', helmet(), (_, response) => response.send('x'));
  app.get('/without', (_, response) => response.send('x'));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const gatehouse = await startGatehouse(t, { config: `upstream = "${origin}"\n[headers]\nprofile = "helmet"\n` });
  const sent = async (url, path) => {
    const { fields } = await request(url, { path });  // an array: what is there twice shows
    return fields.map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => is_about_security.test(name)).sort();
  };
  const theirs = await sent(origin, '/with');
  // Over plain HTTP ours leaves out what must not be sent there (RFC 6797 section 7.2) or breaks Safari (helmet#480).
  const upgrade = ';upgrade-insecure-requests';
  const only_over_https = theirs.filter(([name, value]) => name === 'strict-transport-security' || value.endsWith(upgrade));
  assert.deepEqual(only_over_https.map(([name]) => name), ['content-security-policy', 'strict-transport-security']);
  assert.equal(only_over_https[1][1], 'max-age=31536000; includeSubDomains');
  const expected = theirs.filter(([name]) => name !== 'strict-transport-security').map(([name, value]) => [name, value.replace(upgrade, '')]);
  assert.equal(expected.length, 11);
  assert.deepEqual(await sent(gatehouse.url, '/without'), expected);
});

/// Helmet's options at random, and what says the same in our configuration. Over HTTPS: what helmet sends anyway, we send there.
function random_helmet(next) {
  const one = (list) => list[Math.floor(next() * list.length)];
  const theirs = {};
  const ours = {};
  const choose = (option, key, make) => {
    if (next() < 0.4) return;                                  // the default, in both
    if (next() < 0.25) [theirs[option], ours[key]] = [false, ''];
    else [theirs[option], ours[key]] = make();
  };
  const policies = ['no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'];
  choose('contentSecurityPolicy', 'content_security_policy', () => {
    const directives = { 'default-src': [one(["'self'", "'none'"])] };
    for (const name of ['script-src', 'style-src', 'img-src', 'connect-src', 'frame-ancestors']) if (next() < 0.5) directives[name] = [one(["'self'", 'https:', 'https://a.example', "'none'"])];
    if (next() < 0.3) directives['upgrade-insecure-requests'] = [];
    return [{ useDefaults: false, directives }, Object.entries(directives).map(([name, values]) => [name, ...values].join(' ')).join(';')];
  });
  const word = (option, key, field, values) => choose(option, key, () => { const value = one(values); return [{ [field]: value }, value]; });
  word('crossOriginEmbedderPolicy', 'cross_origin_embedder_policy', 'policy', ['require-corp', 'credentialless', 'unsafe-none']);
  word('crossOriginOpenerPolicy', 'cross_origin_opener_policy', 'policy', ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none']);
  word('crossOriginResourcePolicy', 'cross_origin_resource_policy', 'policy', ['same-origin', 'same-site', 'cross-origin']);
  word('xFrameOptions', 'x_frame_options', 'action', ['deny', 'sameorigin', 'SAMEORIGIN']);
  word('xPermittedCrossDomainPolicies', 'x_permitted_cross_domain_policies', 'permittedPolicies', ['none', 'master-only', 'by-content-type', 'all']);
  choose('referrerPolicy', 'referrer_policy', () => {
    const some = [...new Set([one(policies), one(policies)])].slice(0, 1 + Math.floor(next() * 2));
    return [{ policy: some }, some.join(', ')];
  });
  choose('strictTransportSecurity', 'strict_transport_security', () => {
    const maxAge = Math.floor(next() * 1e8) + 31_536_000;
    const [includeSubDomains, preload] = one([[true, true], [true, false], [false, false]]);
    return [{ maxAge, includeSubDomains, preload }, `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`];
  });
  choose('xDnsPrefetchControl', 'x_dns_prefetch_control', () => { const allow = next() < 0.5; return [{ allow }, allow ? 'on' : 'off']; });
  if (next() < 0.3) [theirs.originAgentCluster, ours.origin_agent_cluster] = [false, ''];
  return { theirs, ours };
}

test("helmet's options and ours send the same", { skip: without_gateway }, async (t) => {
  const next = random_from(8);
  const configurations = Array.from({ length: 200 }, () => random_helmet(next));
  const app = express();
  configurations.forEach(({ theirs }, i) => app.get(`/with/${i}`, helmet(theirs), (_, response) => response.send('x')));
  app.get(/^\/without\//, (_, response) => response.send('x'));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const quoted = (value) => JSON.stringify(value);
  const gatehouse = await startGatehouse(t, {
    config: `upstream = "${origin}"\nhosts = ["api.example.com"]\n[client_ip]\ntrusted_proxies = ["127.0.0.1"]\n${configurations.map(({ ours }, i) =>
      `[[route]]\nmatch = "/without/${i}"\nheaders.profile = "helmet"\n${Object.entries(ours).map(([key, value]) => `headers.${key} = ${quoted(value)}\n`).join('')}`).join('')}`,
  });
  const sent = async (url, path) => {
    const headers = { Host: 'api.example.com', 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' };
    const { status, fields } = await request(url, { path, headers });
    assert.equal(status, 200, path);
    // A list's spaces mean nothing.
    return fields.map(([name, value]) => [name.toLowerCase(), value.replaceAll(', ', ',')]).filter(([name]) => is_about_security.test(name)).sort();
  };
  for (const [i, configuration] of configurations.entries()) {
    assert.deepEqual(await sent(gatehouse.url, `/without/${i}`), await sent(origin, `/with/${i}`), JSON.stringify(configuration));
  }
});

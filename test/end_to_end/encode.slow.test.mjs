// Chromium judges the encoders: hostile texts, encoded by our code, in each place where a page has text. Each must be read as
// the text that it was, nothing may run, and no element may be there that the page has not.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { skip, startChromium } from './kit/chromium.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { Oracle } from './kit/oracle.mjs';

// --- The texts ------------------------------------------------------------------------------------------------------------------
const range = (from, to) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const known = [
  '', ' ', 'plain', '"', "'", '`', '\\', '&', '<', '>', '/', '=', '\0', '\r', '\n', '\r\n', '\t', '\f', '{}', '&lt;', '&#60;', '&am', '\\22 ',
  range(0x00, 0x7f), range(0x80, 0x17f), range(0x2000, 0x206f), range(0xfff0, 0xffff), '\u{1f600}\u{10ffff}\u{1fffe}', '\ufeffbom',
  '<script>pwned()</script>', '</script><script>pwned()</script>', '</ScRiPt ><img src=x onerror=pwned()>', '<!--<script>', '-->', ']]>',
  '</style><img src=x onerror=pwned()>', '</textarea><script>pwned()</script>', '</title><script>pwned()</script>', '</a><svg onload=pwned()>',
  '" onmouseover="pwned()', "' autofocus onfocus='pwned()", 'x onclick=pwned()', '"><img src=x onerror=pwned()>', "'-pwned()-'",
  '";pwned();//', "\\';pwned();//", '${pwned()}', '\u2028pwned()//', '\n};pwned();{', '*/pwned()/*', '\\u0022;pwned()//', '__proto__',
  '"]{}*{color:red}', '\\', "';}body{display:none}/*", '</style', 'expression(pwned())', 'url(javascript:pwned())',
  'javascript:pwned()', 'JaVaScript:pwned()', 'java\tscript:pwned()', ' javascript:pwned()', '\x01javascript:pwned()', 'javascript\n:pwned()',
  'data:text/html,<script>pwned()</script>', 'vbscript:pwned()', 'blob:x', 'javascript&colon;pwned()', 'javascript%3apwned()', '&#106;avascript:pwned()',
  '//evil.example', '/\\evil.example', '\\\\evil.example', '///evil.example', 'https:evil.example', 'https:/evil.example', 'https:///evil.example',
  'http:\\\\evil.example', '/\t/evil.example', '\t//evil.example', 'https://a@evil.example', 'https://example.com/ä?b="c"#<d>', 'mailto:a@example.com',
  '/a', 'a/b', '?q=1', '#a', './a:b', '/%2e%2e/b', '%', '%zz', '..', '.', '/', '?', 'https://example.com',
];
// What sends one parser into the state of another, in all orders; the same ones on each run.
const pieces = [
  '<', '>', '"', "'", '`', '&', ';', '/', '\\', '=', ' ', '\n', '\r', '\t', '\0', '!--', '--', 'script', 'style', 'svg', 'onload=pwned()', 'pwned()', '{', '}', '$',
  '(', ')', '#', 'x', '3c', 'u003c', 'amp', 'lt', ':', 'javascript:', 'https://', '//', 'a', '\u2028', 'é', '\u{1f600}', '%', '0', '\x85', '[', ']', '*', ',', '-', '.', '@', '?',
];
let seed = 20_261_130;
const next = (below) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const mixed = Array.from({ length: 400 }, () => Array.from({ length: 1 + next(9) }, () => pieces[next(pieces.length)]).join(''));
const invalid = [
  [0xff], [0xc0, 0xbc], [0xe2, 0x82], [0xe2, 0x82, 0x3c], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x98, 0x22], [0xf4, 0x90, 0x80, 0x80],
  [0xc3], [0xc3, 0x3e], [0xf0, 0x80, 0x80, 0xbc], [0x80, 0xbf], [0xe0, 0x80, 0xaf], [0xf8, 0x88, 0x80, 0x80, 0xbc], [0xc2, 0x22, 0xe2, 0x80, 0x27],
];

// What browsers make of the bytes, and what HTML and CSS can say at all.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const in_html = (text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
const in_css = (text) => text.replaceAll('\0', '\ufffd');

let browser, encoded, server, url;
const served = new Map();
before(async () => {
  if (skip) return;
  const oracle = new Oracle(file_scope, 'encode_oracle');
  const all = [...[...known, ...mixed].map((text) => [...Buffer.from(text)]), ...invalid];
  encoded = await Promise.all(all.map(async (bytes, id) => {
    const text = decoder.decode(Buffer.from(bytes));
    const json = JSON.stringify({ [text]: [text] });
    const { json_in_html } = await oracle.ask({ bytes: [...Buffer.from(json)] });
    return { ...(await oracle.ask({ bytes, id })), id, text, json_in_html };
  }));
  server = createServer((q, r) => {
    const [headers, content] = served.get(q.url) ?? [{ 'Content-Type': 'text/plain' }, ''];
    r.writeHead(200, headers).end(content);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  file_scope.after(() => { server.closeAllConnections(); server.close(); });
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await startChromium(file_scope);
});

/// Opens a page of this body; `look` runs in it. Nothing may have run.
async function judge(path, body, look, argument) {
  served.set(path, [{ 'Content-Type': 'text/html; charset=utf-8' }, `<!doctype html><script>var ran = 0, got = {}; function pwned() { ran++ }</script>\n${body}`]);
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (e) => errors.push(String(e)));
  page.on('dialog', (d) => { errors.push('a dialog'); d.dismiss(); });
  await page.goto(url + path, { waitUntil: 'load' });
  const seen = await page.evaluate(look, argument);
  assert.equal(await page.evaluate('ran'), 0, 'something ran');
  assert.deepEqual(errors, []);
  await page.close();
  return seen;
}
/// One assertion for all texts: those that came out as others.
function assert_read(what, seen, expected) {
  const wrong = encoded.map(({ text }, i) => ({ text, got: seen[i], want: expected(text) })).filter(({ got, want }) => got !== want);
  assert.deepEqual(wrong, [], what);
}

test('HTML: text, values between quotes and without', { skip }, async () => {
  const body = encoded.map(({ html, unquoted }) => `<p title="${html}" data-single='${html}' data-bare=${unquoted} data-last=1>${html}</p>`).join('\n');
  const seen = await judge('/html', body, () => ({
    rows: [...document.querySelectorAll('p')].map((p) => [p.textContent, p.title, p.dataset.single, p.dataset.bare, p.attributes.length, p.dataset.last]),
    elements: document.body.querySelectorAll('*').length,
  }));
  ['text', 'double', 'single', 'bare'].forEach((what, column) => assert_read(what, seen.rows.map((row) => row[column]), in_html));
  assert.ok(seen.rows.every((row) => row[4] === 4 && row[5] === '1'), 'other attributes');
  assert.equal(seen.elements, encoded.length);
});

test('JavaScript: the three quotes, a script and an event attribute', { skip }, async () => {
  const body = encoded.map(({ js, id }) => `<script>got[${id}] = ["${js}", '${js}', \`${js}\`]</script>
<button onclick='got[${id}].push("${js}")'></button><button onclick="got[${id}].push('${js}')"></button>
<button onclick=got[${id}].push(decodeURIComponent("%27").length,/**/"${js.replaceAll(' ', '\\u0020')}")></button>`).join('\n');
  const seen = await judge('/js', body, () => {
    document.querySelectorAll('button').forEach((b) => b.click());
    return { got, elements: document.querySelectorAll('*').length };
  });
  for (const column of [0, 1, 2, 3, 4, 6]) assert_read(`string ${column}`, encoded.map(({ id }) => seen.got[id][column]), (text) => text);
  assert.equal(seen.elements, encoded.length * 4 + 4);
});

test('JSON: of our writer and of JSON.stringify, as data and as a script', { skip }, async () => {
  const body = encoded.map(({ json, json_in_html, id }) => `<script type="application/json">${json}</script><script type="application/json">${json_in_html}</script>
<script>got[${id}] = ${json}</script>`).join('\n');
  const seen = await judge('/json', body, () => ({
    got, blocks: [...document.querySelectorAll('[type]')].map((s) => JSON.stringify(JSON.parse(s.textContent))), elements: document.querySelectorAll('*').length,
  }));
  assert_read('as a script', encoded.map(({ id }) => seen.got[id]), (text) => text);
  assert_read('as data', encoded.map((_, i) => seen.blocks[2 * i]), JSON.stringify);
  assert_read('of JSON.stringify', encoded.map((_, i) => seen.blocks[2 * i + 1]), (text) => JSON.stringify({ [text]: [text] }));
  assert.equal(seen.elements, encoded.length * 3 + 4);
});

test('CSS: strings in a style sheet and in a style attribute', { skip }, async () => {
  const body = encoded.map(({ css, id }) => `<style>#p${id}[data-x="${css}"] { color: rgb(1, 2, 3) } #p${id}[data-x='${css}'] { top: 7px }</style>
<p id=p${id} style="--a: '${css}'; left: 5px"></p>`).join('\n');
  const seen = await judge('/css', body, (texts) => ({
    matched: texts.map((text, id) => {
      const p = document.getElementById(`p${id}`);
      p.dataset.x = text;
      const style = getComputedStyle(p);
      return [style.color, style.top, p.style.left, p.style.length].join('|') === 'rgb(1, 2, 3)|7px|5px|2';
    }),
    rules: [...document.styleSheets].every((sheet) => sheet.cssRules.length === 2),
    elements: document.querySelectorAll('*').length,
  }), encoded.map(({ text }) => in_css(text)));
  assert_read('selectors', seen.matched, () => true);
  assert.ok(seen.rules, 'other rules');
  assert.equal(seen.elements, encoded.length * 2 + 4);
});

test('URLs: components, and whole ones', { skip }, async () => {
  const body = encoded.map(({ uri }) => `<a href="/x${uri}/y?a=1&b=${uri}&c=2#${uri}"></a>`).join('\n');
  const components = await judge('/uri', body, () => [...document.querySelectorAll('a')].map((a) => {
    const u = new URL(a.href);
    return [decodeURIComponent(u.pathname.slice(2, -2)), u.searchParams.get('b'), decodeURIComponent(u.hash.slice(1)), u.searchParams.get('c'), u.host].join('\n--\n');
  }));
  assert_read('components', components, (text) => [text, text, text, '2', new URL(url).host].join('\n--\n'));

  // Whatever we say of it: what Chromium does with the text as it is.
  const whole = await judge('/url', '', ({ texts, made }) => texts.map((text, i) => {
    const a = document.createElement('a');
    // Of what a URL may not have, Chromium leaves some where it does no harm.
    const strict = (href) => href.replace(/["<>`{|}^]/g, encodeURIComponent);
    const of = (href) => { a.setAttribute('href', href); return [a.protocol, a.host, a.username, strict(a.href)]; };
    return { text, accepted: made[i] !== null, raw: of(text), made: of(made[i] ?? '#') };
  }), { texts: encoded.map(({ text }) => text), made: encoded.map((e) => e.url ?? null) });
  const here = new URL(url).host;
  const accepted = whole.filter((u) => u.accepted);
  for (const u of accepted) {
    assert.deepEqual(u.made, u.raw, `accepted, and read as another: ${JSON.stringify(u.text)}`);
    assert.ok(['http:', 'https:', 'mailto:'].includes(u.made[0]), u.text);
    assert.equal(u.made[2], '', u.text);
    if (!/^(https?|mailto):/i.test(u.text)) assert.equal(u.made[1], here, `another site: ${u.text}`);
  }
  for (const good of ['/a', 'a/b', '?q=1', '#a', './a:b', 'https://example.com', 'mailto:a@example.com', 'https://example.com/ä?b="c"#<d>']) {
    assert.ok(accepted.some((u) => u.text === good), `refused: ${good}`);
  }
});

test('gh::html: every place of a template', { skip }, async () => {
  const links = encoded.filter((e) => e.url !== undefined);
  const seen = await judge('/template', encoded.map(({ piece }) => piece).join('\n'), (count) => ({
    rows: Array.from({ length: count }, (_, id) => {
      const div = document.getElementById(`piece-${id}`);
      const [area, link, b] = div.children;
      const u = new URL(link.href);
      return [div.title, div.dataset.other, area.value.replaceAll('\n', ''), link.textContent, b.className, b.textContent, div.childNodes.length,
        decodeURIComponent(u.pathname), u.searchParams.get('q'), decodeURIComponent(u.hash.slice(1)), JSON.parse(document.getElementById(`block-${id}`).textContent)];
    }),
    links: [...document.querySelectorAll('[id^=link-]')].map((a) => a.getAttribute('href')),
    elements: document.body.querySelectorAll('*').length,
  }), encoded.length);
  ['title', 'single quotes', , 'text', 'class', 'inner text'].forEach((what, column) => assert_read(what, seen.rows.map((row) => row[column]), in_html));
  // A textarea's value has LF only, and drops the first.
  assert_read('textarea', seen.rows.map((row) => row[2]), (text) => in_html(text).replace(/\r\n?|\n/g, ''));
  assert_read('children', seen.rows.map((row) => row[6]), () => 3);
  assert_read('path', seen.rows.map((row) => row[7]), (text) => (text === '.' ? '/p/' : text === '..' ? '/' : `/p/${text}`));
  assert_read('query', seen.rows.map((row) => row[8]), (text) => text);
  assert_read('fragment', seen.rows.map((row) => row[9]), (text) => text);
  assert_read('data block', seen.rows.map((row) => row[10]), (text) => text);
  assert.deepEqual(seen.links, links.map((e) => e.url));
  assert.equal(seen.elements, encoded.length * 5 + links.length);
});

test('names of files: what Chromium saves', { skip }, async () => {
  const names = [
    ['report.pdf', 'report.pdf'], ['naïve €.txt', 'naïve €.txt'], ['100%.txt', '100%.txt'], ['100%41.txt', '100%41.txt'], ['a"; filename=evil.exe', 'a_; filename=evil.exe'],
    ['../../etc/passwd', '___.._etc_passwd'], ["it's (1), ok.txt", "it's (1), ok.txt"], ['\u202efdp.txt', '_fdp.txt'], ['a\r\nX: b.txt', 'a__X_ b.txt'], ['', 'download'],
  ];
  const oracle = new Oracle(file_scope, 'encode_oracle');
  const page = await browser.newPage();
  await page.goto(`${url}/empty`);
  for (const [name, want] of names) {
    const { disposition } = await oracle.ask({ bytes: [...Buffer.from(name)] });
    served.set('/file', [{ 'Content-Type': 'application/octet-stream', 'Content-Disposition': disposition }, 'x']);
    const [download] = await Promise.all([page.waitForEvent('download'), page.goto(`${url}/file`).catch(() => {})]);
    assert.equal(download.suggestedFilename(), want, JSON.stringify(name));
    await download.cancel();
  }
  await page.close();
});

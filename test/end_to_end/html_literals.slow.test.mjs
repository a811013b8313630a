// What the compiler accepts as a literal of gh::html, Chromium reads as it looks: behind it a tag is a tag, and whatever text is
// put into its places, the elements and attributes are the same. With and without scripting, which reads noscript otherwise.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { skip, startChromium } from './kit/chromium.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { Oracle } from './kit/oracle.mjs';

const pieces = [
  '<p>', '</p>', '<b title="', '<b class=\'', '"', "'", '>', '<', '</', '<!--', '-->', '--!>', '--', '-', '!', '<!doctype html>', '<![CDATA[', ']]>', '<?', '<script>', '</script>',
  '<script', '<style>', '</style>', '<title>', '</title>', '<textarea>', '</textarea>', '<svg>', '</svg>', '<math>', '<mtext>', '<desc>', '<noscript>', '</noscript>', '<iframe>', '</iframe>',
  '<xmp>', '</xmp>', '<table>', '<td>', '<br/>', '/>', '/', '=', ' ', '\n', 'a', 'b=c', 'hidden', '&', '&lt;', 'lt', ';', '#60', '{}', '{}', '<a href="/x/{}">', '<a href="?q={}#{}">',
  '<p title="{}">', '<p data-a=\'{}\'>', '<title>{}</title>', '<textarea>{}</textarea>', '<i>{}</i>', '<input value="{}" disabled>', '<p onclick="{}">', '<p title={}>', '</a>', '\t', '\0',
];
let seed = 11_302_026;
const next = (below) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const literals = Array.from({ length: 30_000 }, () => Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join(''));
const texts = [
  'x', '"><s>', "'><s>", '<s>', '</title></textarea></script></style><s>', '--><s>', ']]><s>', '" onclick="a', "' onclick='a", ' onclick=a', '&lt;s&gt;', '#60;s>', '{}<s>', '\0<s>', '`', '=', '/', '>', '\\', 'amp;',
];

let browser, made;
before(async () => {
  if (skip) return;
  browser = await startChromium(file_scope);
  made = await new Oracle(file_scope, 'encode_oracle').ask({ literals, texts });
});

test('accepted literals keep their shape, whatever is put into them', { skip }, async () => {
  const accepted = literals.map((literal, i) => ({ literal, filled: made[i] })).filter(({ filled }) => filled !== null);
  assert.ok(accepted.length > 3_000, `only ${accepted.length} literals were accepted`);
  assert.ok(accepted.filter(({ literal }) => literal.includes('{}')).length > 1_000, 'too few with places');
  const page = await browser.newPage();
  const wrong = await page.evaluate((all) => {
    const without_scripting = (text) => new DOMParser().parseFromString(text, 'text/html');
    const with_scripting = (text) => {
      const body = document.createElement('body');
      body.innerHTML = text;
      return body;
    };
    const shape = (root) => [...root.querySelectorAll('*')].map((e) => [e.tagName, ...[...e.attributes].map((a) => a.name)].join(' ')).join();
    return all.flatMap(({ literal, filled }) => [without_scripting, with_scripting].flatMap((parse) => {
      const want = shape(parse(filled[0]));
      const broken = filled.filter((text) => shape(parse(text)) !== want);
      const marked = parse(`${filled[0]}<i id="mark"></i>`).querySelector('i#mark') !== null;
      return broken.length === 0 && marked ? [] : [{ literal, by: parse.name, marked, broken }];
    }));
  }, accepted);
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} of ${accepted.length}`);

  // The judge sees what it is there for: the same literals with the texts as they are, and literals that were refused.
  const seen = await page.evaluate(({ literals, text }) => {
    const count = (html) => new DOMParser().parseFromString(html, 'text/html').querySelectorAll('s, i#mark').length;
    return {
      raw: literals.accepted.filter((l) => l.includes('{}') && count(l.replaceAll('{}', text)) > 0).length,
      refused: literals.refused.filter((l) => count(`${l}<i id="mark"></i>`) === 0).length,
    };
  }, { literals: { accepted: accepted.map(({ literal }) => literal), refused: literals.filter((_, i) => made[i] === null) }, text: texts[4] });
  assert.ok(seen.raw > 1_000 && seen.refused > 1_000, JSON.stringify(seen));
  await page.close();
});

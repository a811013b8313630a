// Reads the conformance corpus: the format stands in test/conformance/README.md, its other reader in
// test/kit/base/conformance.hpp. Bytes are latin1 text.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { source_dir } from './gatehouse.mjs';

const simple = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

function unescape(text) {
  return text.replace(/\\(?:([rnt\\])|x([0-9a-f]{2})|\{(\d+)\*([^}]*)\}|([^]?))/g, (all, letter, hex, times, piece, unknown) => {
    if (letter) return simple[letter];
    if (hex) return String.fromCharCode(parseInt(hex, 16));
    if (times) return unescape(piece).repeat(Number(times));
    throw new Error(`unknown escape \\${unknown}`);
  });
}

function readExpectation(block) {
  const outcomes = [];
  for (const line of block.split('\n')) {
    const [word, rest] = [line.split(' ', 1)[0], line.slice(line.split(' ', 1)[0].length + 1)];
    if (word === 'accept') {
      const [first, second = ''] = unescape(rest).split(/ (.*)/s);
      outcomes.push({ kind: 'accepted', first, second, fields: [], facts: {} });
    } else if (word === 'incomplete') {
      outcomes.push({ kind: 'incomplete' });
    } else if (word === 'refuse' || word === 'refuse-body') {
      const [reason, status] = rest.split(' ');
      outcomes.push({ kind: 'refused', reason, status: Number(status), in_body: word === 'refuse-body' });
    } else if (word === 'field') {
      outcomes.at(-1).fields.push(unescape(rest));
    } else {
      outcomes.at(-1).facts[word] = unescape(rest);
    }
  }
  return outcomes;
}

function readCase(document, text) {
  const name = `${document}: ${text.split('\n', 1)[0]}`;
  const blocks = [...text.matchAll(/^```(request|response|chunked|expect)(?: (\w+))?\n((?:.*\n)*?)```$/gm)];
  const [bytes, expected] = blocks;
  if (blocks.length !== 2 || expected[1] !== 'expect') throw new Error(`${name}: not a case`);
  return { name, kind: bytes[1], request_method: bytes[2], bytes: unescape(bytes[3].replaceAll('\n', '')), outcomes: readExpectation(expected[3].trimEnd()) };
}

/// { 'host.md': [case, ...], ... }
export function readCorpus() {
  const folder = join(source_dir, 'test/conformance/h1');
  return Object.fromEntries(readdirSync(folder).filter((file) => file.endsWith('.md')).sort().map((file) => {
    const [, ...cases] = readFileSync(join(folder, file), 'utf8').split(/^### /m);
    return [file, cases.map((text) => readCase(file, text))];
  }));
}

// Node's own HTTP parser (llhttp, as strict as Node is by default) on many inputs: the oracle of node_differential_test.
// Run with --expose-internals. Input: a file of lines "request|response METHOD <bytes in hex>".
// Output, a line each: "message METHOD-OR-STATUS TARGET FIELD VALUE FIELD VALUE ..." (text in hex, "-" when empty), then
// "body BYTES whole|open|upgrade", and at last "end ok" or "end ERROR_CODE".
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const { internalBinding } = require('internal/test/binding');
const { HTTPParser, methods, allMethods } = internalBinding('http_parser');
const methodNames = allMethods ?? methods;
const maxHeadBytes = 1 << 20;   // ours are lower, and not what is compared
const strictly = 0;             // no lenient flags

const hex = (text) => (text.length ? Buffer.from(text, 'latin1').toString('hex') : '-');

function parse(kind, requestMethod, bytes) {
  const lines = [];
  let fields = [];
  let target = '';
  let message = null;
  const parser = new HTTPParser();
  parser.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {}, maxHeadBytes, strictly);
  parser[HTTPParser.kOnHeaders | 0] = (more, url) => {
    if (message) return;        // trailers
    fields = fields.concat(more);
    target += url;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, last, method, url, status, phrase, upgrade) => {
    const all = last ?? fields;
    const first = kind === 'request' ? methodNames[method] : String(status);
    lines.push(['message', hex(first), hex(url ?? target), ...all.map(hex)].join(' '));
    message = { body: '', upgrade };
    fields = [];
    target = '';
    return kind === 'response' && requestMethod === 'HEAD' ? 1 : 0;
  };
  parser[HTTPParser.kOnBody | 0] = (body) => { message.body += Buffer.from(body).toString('latin1'); };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    lines.push(`body ${hex(message.body)} ${message.upgrade ? 'upgrade' : 'whole'}`);
    message = null;
  };
  const result = parser.execute(Buffer.from(bytes, 'hex'));
  if (!(result instanceof Error) && message) {
    lines.push(`body ${hex(message.body)} ${message.upgrade ? 'upgrade' : 'open'}`);
  }
  lines.push(result instanceof Error ? `end ${result.code}` : 'end ok');
  return lines.join('\n');
}

const output = [];
for (const line of readFileSync(process.argv[2], 'latin1').split('\n')) {
  if (!line) continue;
  const [kind, method, bytes] = line.split(' ');
  output.push(parse(kind, method, bytes ?? ''));
}
process.stdout.write(output.join('\n') + '\n');

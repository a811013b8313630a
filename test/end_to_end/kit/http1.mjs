// A reader of HTTP/1.1 messages that forgives nothing: what Gatehouse sends must be exactly right. Bytes are latin1 text
// where they are looked at, and Buffers where they are content.
export class Malformed extends Error {}
const demand = (condition, what) => {
  if (!condition) throw new Malformed(what);
};

class Message {
  constructor(start, fields) {
    this.start = start;
    this.fields = fields;  // [[name, value]]
  }
  all(name) { return this.fields.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value); }
  get(name) {
    const values = this.all(name);
    demand(values.length <= 1, `${name} more than once: ${JSON.stringify(values)}`);
    return values[0];
  }
  get text() { return this.body.toString(); }
}

export class Request extends Message {
  constructor(start, fields) {
    super(start, fields);
    const match = start.match(/^([A-Z]+) (\S+) HTTP\/1\.[01]$/);
    demand(match, `request line ${JSON.stringify(start)}`);
    [, this.method, this.target] = match;
  }
  framing() { return declaredFraming(this) ?? { length: 0 }; }
}

export class Response extends Message {
  constructor(start, fields) {
    super(start, fields);
    const match = start.match(/^HTTP\/1\.[01] (\d{3}) [\t -~]*$/);
    demand(match, `status line ${JSON.stringify(start)}`);
    this.status = Number(match[1]);
  }
  framing(request_method) {
    if (request_method === 'HEAD' || this.status < 200 || this.status === 204 || this.status === 304) return { length: 0 };
    return declaredFraming(this) ?? { until_close: true };
  }
}

function declaredFraming(message) {
  const length = message.get('content-length');
  const coding = message.get('transfer-encoding');
  demand(length === undefined || coding === undefined, 'Content-Length and Transfer-Encoding');
  if (coding !== undefined) {
    demand(coding.toLowerCase() === 'chunked', `Transfer-Encoding: ${coding}`);
    return { chunked: true };
  }
  if (length === undefined) return undefined;
  demand(/^\d+$/.test(length), `Content-Length: ${length}`);
  return { length: Number(length) };
}

function readHead(bytes, Kind) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [start, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const fields = lines.map((line) => {
    const match = line.match(/^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([^\0-\x08\x0a-\x1f\x7f]*?)[\t ]*$/);
    demand(match, `field line ${JSON.stringify(line)}`);
    return [match[1], match[2]];
  });
  return { message: new Kind(start, fields), size: end + 4 };
}

// https://www.rfc-editor.org/rfc/rfc9112#section-7.1 ; undefined: not whole yet.
function readChunked(bytes, at) {
  const pieces = [];
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const line = bytes.toString('latin1', at, end);
    demand(/^[0-9a-fA-F]{1,15}$/.test(line), `chunk size ${JSON.stringify(line)}`);
    const size = parseInt(line, 16);
    const begin = end + 2;
    if (bytes.length < begin + size + 2) return undefined;
    demand(bytes.toString('latin1', begin + size, begin + size + 2) === '\r\n', 'end of a chunk');
    at = begin + size + 2;
    if (size === 0) return { body: Buffer.concat(pieces), end: at };
    pieces.push(bytes.subarray(begin, begin + size));
  }
}

/// The first message of `bytes`, with `body` and the `size` that it takes; undefined: not whole. `ended`: nothing more comes.
export function readMessage(bytes, Kind, { request_method, ended = false } = {}) {
  const head = readHead(bytes, Kind);
  if (!head) return undefined;
  const { message, size } = head;
  const framing = message.framing(request_method);
  if (framing.chunked) {
    const got = readChunked(bytes, size);
    return got && Object.assign(message, { body: got.body, size: got.end });
  }
  if (framing.until_close) return ended ? Object.assign(message, { body: bytes.subarray(size), size: bytes.length }) : undefined;
  if (bytes.length < size + framing.length) return undefined;
  return Object.assign(message, { body: bytes.subarray(size, size + framing.length), size: size + framing.length });
}

/// The first head, however much of the body has arrived: { message, size }, or undefined.
export const peekHead = (bytes, Kind) => readHead(bytes, Kind);

// Web servers on loopback whose answers are scripted for each case: /c/<id>/<hop> answers what the case says for that hop,
// byte for byte, and keeps what was asked. Any other path is an empty page. Not node:http, which knows not all methods and
// adds fields of its own.
import crypto from 'node:crypto';
import net from 'node:net';

const websocket_guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const content = '<!doctype html><link rel="icon" href="data:,"><title>page</title>';
const page = (path) => ({
  status: 200,
  headers: [['Content-Type', 'text/html'], ['Content-Length', String(content.length)], ...(path === '/cookie' ? [['Set-Cookie', 'sid=1; SameSite=None; Secure; Path=/']] : [])],
  body: content,
});

function parseHead(text) {
  const [start, ...lines] = text.split('\r\n');
  const [method, path] = start.split(' ');
  const headers = {};
  for (const line of lines) {
    const [, name, value] = line.match(/^([^:]+):[ \t]*(.*?)[ \t]*$/);
    headers[name.toLowerCase()] = value;
  }
  return { method, path, headers };
}

function answerText(answer, request) {
  const accept = () => crypto.createHash('sha1').update(request.headers['sec-websocket-key'] + websocket_guid).digest('base64');
  const lines = answer.headers.map(([name, value]) => `${name}: ${value === '<accept>' ? accept() : value}\r\n`);
  const has_body = request.method !== 'HEAD' && ![101, 204, 205, 304].includes(answer.status);
  return `HTTP/1.1 ${answer.status} x\r\n${lines.join('')}\r\n${has_body ? answer.body ?? '' : ''}`;
}

/// Two ports; each is an origin of its own under each of its names.
export async function startOrigins(hooks) {
  const cases = new Map();
  const asked = new Map();  // id: [{hop, method, headers}]
  const answerOf = (request) => {
    const [, id, hop] = request.path.match(/^\/c\/([^/]+)\/(\d+)/) ?? [];
    if (id === undefined) return page(request.path);
    if (!asked.has(id)) asked.set(id, []);
    asked.get(id).push({ hop: Number(hop), method: request.method, headers: request.headers });
    const answers = cases.get(id)?.answers?.[Number(hop)];
    const is_preflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    return is_preflight ? answers?.preflight : answers?.answer;
  };
  const sockets = new Set();
  hooks.after(() => sockets.forEach((socket) => socket.destroy()));
  const serve = (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let text = '';
    socket.setNoDelay(true).setEncoding('latin1').on('data', (piece) => {
      text += piece;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = parseHead(text.slice(0, end));
        const size = end + 4 + Number(request.headers['content-length'] ?? 0);
        if (text.length < size) return;
        text = text.slice(size);
        const answer = answerOf(request);
        if (!answer || answer.status === 0) return socket.destroy();
        socket.write(answerText(answer, request), 'latin1');
        if (request.headers.upgrade !== undefined && answer.status !== 101) socket.end();
      }
    });
  };
  const listen = async () => {
    const server = net.createServer(serve);
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    hooks.after(() => server.close());
    return server.address().port;
  };
  const [a, b] = [await listen(), await listen()];
  return { cases, asked, origins: [a, b].flatMap((port) => [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) };
}

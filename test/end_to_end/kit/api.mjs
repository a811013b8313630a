import { fileURLToPath } from 'node:url';
import { ChildProcess } from './process.mjs';

/// The Express API, in a process of its own: it may crash. Not in production mode: then Express shows its stack traces, and
/// that is how most are run.
export async function startApi(hooks) {
  const api = new ChildProcess(hooks, process.execPath, [fileURLToPath(new URL('../fixtures/api.mjs', import.meta.url))], {
    env: { ...process.env, NODE_ENV: 'development' },
  });
  const [, url, port] = await api.says(/api on (http:\/\/127\.0\.0\.1:(\d+))/);
  return Object.assign(api, { url, port: Number(port) });
}

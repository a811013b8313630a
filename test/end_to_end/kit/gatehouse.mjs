// The program under test. GATEHOUSE_BIN=none leaves it out: clients then talk to the API directly, and what is asserted of
// the gateway itself is not. That control run shows what a test demands of the API and of the harness alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProcess } from './process.mjs';

export const source_dir = process.env.GATEHOUSE_SOURCE_DIR ?? fileURLToPath(new URL('../../..', import.meta.url));
export const program = process.env.GATEHOUSE_BIN ?? join(source_dir, 'build/test/bin/gatehouse');
/// Built with a sanitizer: freed memory is kept for a while, so that its use is found.
export const sanitized = Boolean(process.env.GATEHOUSE_SANITIZED);
export const without_gateway = program === 'none';

// A test's gateway opens no admin socket among those of the user who runs it; tests of that set a folder of their own.
delete process.env.XDG_RUNTIME_DIR;

class Gatehouse extends ChildProcess {
  /// The access and error log's records. (What is no JSON, the start-up screen, is left out.)
  records() {
    const whole = this.output.slice(0, this.output.lastIndexOf('\n') + 1);  // the last line may be on its way
    return whole.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }
}

/// Runs the gateway before `to` (or what `config` says) on a free loopback port, until the test ends. `config`: TOML.
/// `before`: is called with its folder before it starts.
export async function startGatehouse(hooks, { to, config = '', args = [], env = process.env, before = () => {} }) {
  if (without_gateway) return { url: to, port: Number(new URL(to).port), kill() {} };
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  hooks.after(() => rmSync(folder, { recursive: true, force: true }));
  before(folder);
  const all = ['run', ...(to ? ['--to', to] : []), '--listen', '127.0.0.1:0'];
  if (config) {
    const file = join(folder, 'gatehouse.toml');
    writeFileSync(file, config);
    all.push('-c', file);
  }
  const gatehouse = new Gatehouse(hooks, program, [...all, ...args], { cwd: folder, env });
  const [, url, port] = await gatehouse.says(/listening on (https?:\/\/127\.0\.0\.1:(\d+))/);
  return Object.assign(gatehouse, { url, port: Number(port), folder });
}

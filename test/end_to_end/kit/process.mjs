// Child processes that say when they are ready, whose output is kept, and that never outlive a test.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { within } from './deadline.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// The kernel ends a child when we are killed ourselves (ctest's time limit): then no hook of ours runs.
const setpriv = '/usr/bin/setpriv';
const wrap = (command, args) =>
  existsSync(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', command, ...args]] : [command, args];

export class ChildProcess {
  output = '';  // stdout and stderr, as they came
  #waiting = new Set();

  /// `hooks`: whatever has node:test's `after`.
  constructor(hooks, command, args, options = {}) {
    const [file, all] = wrap(command, args);
    this.child = spawn(file, all, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this.child);
    // 'close', not 'exit': all output has been read then.
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        this.ended = { code, signal };
        this.#wake();
        resolve(this.ended);
      });
    });
    this.exited.catch(() => {});  // whoever waits for it sees it
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        this.#wake();
      });
    }
    hooks.after(() => this.kill());
  }

  get pid() { return this.child.pid; }
  #wake() { this.#waiting.forEach((look) => look()); }

  /// The match of `pattern` (or `[text]`) in the output, now or later.
  async says(pattern, milliseconds) {
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        const match = typeof pattern === 'string' ? this.output.includes(pattern) && [pattern] : this.output.match(pattern);
        if (match) resolve(match);
        else if (this.ended) reject(new Error(`ended (${JSON.stringify(this.ended)}) without saying ${pattern}:\n${this.output}`));
      };
      this.#waiting.add(look);
      this.exited.catch(reject);
      look();
    });
    try {
      return await within(found, `${this.child.spawnargs.join(' ')} says ${pattern}`, milliseconds);
    } catch (e) {
      e.message += `\n--- its output:\n${this.output}`;
      throw e;
    } finally {
      this.#waiting.delete(look);
    }
  }

  signal(name) { this.child.kill(name); }

  /// Ends it at once, and waits for that.
  async kill() {
    if (!this.ended) this.child.kill('SIGKILL');
    return within(this.exited, 'the end of a killed process');
  }

  /// Open descriptors, without those that only listing them opens.
  descriptors() { return readdirSync(`/proc/${this.pid}/fd`).length; }

  residentKiB() {
    // smaps_rollup counts each page now; the counters of status are allowed to lag behind.
    return Number(readFileSync(`/proc/${this.pid}/smaps_rollup`, 'latin1').match(/^Rss:\s+(\d+) kB/m)[1]);
  }
}

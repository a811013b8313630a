// test/browser_oracle and test/explain_oracle: programs that answer each line of JSON with one.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { source_dir } from './gatehouse.mjs';

export const bin = (name) => join(process.env.GATEHOUSE_EXAMPLES_DIR ?? join(source_dir, 'build/test/bin'), name);

export class Oracle {
  #waiting = [];

  constructor(hooks, name, args = []) {
    this.child = spawn(bin(name), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    hooks.after(() => this.child.kill('SIGKILL'));
    createInterface({ input: this.child.stdout }).on('line', (line) => this.#waiting.shift().resolve(JSON.parse(line)));
    this.child.on('close', () => this.#waiting.forEach(({ reject }) => reject(new Error(`${name} ended`))));
  }
  ask(question) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }
}

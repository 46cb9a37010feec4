/** A second runner: another node process with a machine of its own, that a test can kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How another process makes the same machine: a module of this folder, and an expression with its exports. */
export interface Recipe {
  module: string;
  expression: string;
}

export interface OtherProcess {
  /** Resolves when its output contains the text. */
  said(text: string): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
}

/** `code` is a module's text that has `machine`. */
export function anotherProcess({ module, expression }: Recipe, code: string): OtherProcess {
  const url = new URL(`file://${join(import.meta.dirname, '..', module)}`).href;
  const text = `import * as made from ${JSON.stringify(url)}; const machine = made.${expression}; ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const exited = once(child, 'exit');
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  return {
    async said(text) {
      while (!output.includes(text)) {
        await Promise.race([
          once(child.stdout, 'data'),
          exited.then(() => Promise.reject(new Error(`it ended: ${output}`))),
        ]);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

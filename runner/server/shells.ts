/** The reader's terminals on machines. */
import type { ShellInfo, Size } from '../protocol/messages.ts';
import type { Runner } from '../run/runner.ts';
import { Refused } from './refused.ts';
import { ShellSession } from './shell-session.ts';

const MOST = 24;

export class Shells {
  #runner: Runner;
  #changed: (shells: ShellInfo[]) => void;
  #sessions = new Map<number, ShellSession>();
  #last = 0;
  #opening = 0;
  #closed = false;

  constructor(runner: Runner, changed: (shells: ShellInfo[]) => void) {
    this.#runner = runner;
    this.#changed = changed;
  }

  list(): ShellInfo[] {
    return [...this.#sessions.values()].map(session => ({
      id: session.id,
      machine: session.machine,
      ended: session.ended(),
    }));
  }

  async open(machine: string, size: Size): Promise<number> {
    if (this.#sessions.size + this.#opening >= MOST) {
      throw new Refused('too-many', `${MOST} terminals are open.`, 'Close one first.');
    }
    this.#opening++;
    try {
      const shell = await this.#runner.machine(machine).shell(size);
      if (this.#closed) {
        shell.kill();
        throw new Refused('failed', 'The runner is stopping.');
      }
      const id = ++this.#last;
      this.#sessions.set(id, new ShellSession(id, machine, shell, () => this.#changed(this.list())));
      this.#changed(this.list());
      return id;
    } finally {
      this.#opening--;
    }
  }

  get(id: number): ShellSession {
    const session = this.#sessions.get(id);
    if (!session) throw new Refused('shell-unknown', 'That terminal is closed.');
    return session;
  }

  /** Ends its program and forgets it. */
  end(id: number): void {
    this.get(id).kill();
    this.#sessions.delete(id);
    this.#changed(this.list());
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#sessions.values()) session.kill();
    this.#sessions.clear();
  }
}

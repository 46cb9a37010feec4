/**
 * A run engine in memory, for the tests of the server: what a page sees is decided by the test, byte by byte,
 * which no real program on a real machine allows (a gigabyte at once, a run that never ends). The page's tests
 * in e2e/ use the real engine.
 */
import type { Manifest, Step } from '../../book/manifest.ts';
import type { Cell, RunEvent } from '../../events.ts';
import type { Machine, Shell } from '../../machine/machine.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Runner, RunRequest, RunResult } from '../../run/runner.ts';

const place = { file: 'content/docs/one/01-first.mdx', line: 1, column: 1 };

export function memoryStep(id: string, more: Partial<Step> = {}): Step {
  const limits = { timeoutMs: 60_000, settleMs: 0, reboots: false };
  return {
    ...{ id, kind: 'step', chapter: 'one/first', on: 'workstation', needs: [], ...limits },
    ...{ text: `echo ${id}\n`, check: { text: 'true\n', place }, variables: [], files: [] },
    ...{
      digest: id.charCodeAt(0).toString(16).padStart(2, '0').repeat(32),
      heading: { text: 'First', anchor: 'first' },
    },
    place,
    ...more,
  };
}

export function memoryManifest(steps: Step[], digest = 'd'.repeat(64)): Manifest {
  const chapter = {
    slug: 'one/first',
    title: 'First',
    description: '',
    part: 'one',
    number: '1.1',
    file: place.file,
  };
  return {
    format: 1,
    parts: [{ slug: 'one', title: 'One', chapters: [chapter.slug] }],
    chapters: [{ ...chapter, steps: steps.map(({ id }) => id) }],
    steps,
    digest,
  };
}

export class MemoryRunner implements Runner {
  readonly requests: RunRequest[] = [];
  readonly inputs: { run: string; text: string }[] = [];
  readonly accepted: string[] = [];
  readonly shells: MemoryShell[] = [];
  readonly transcripts = new Map<string, { bytes: Buffer; complete: boolean }>();
  #manifest: Manifest;
  #plan: Plan | null = null;
  #cells = new Map<string, Cell>();
  #listeners = new Set<(event: RunEvent, cell: Cell | undefined) => void | Promise<void>>();

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  manifest = () => this.#manifest;
  setManifest(manifest: Manifest): void {
    this.#manifest = manifest;
  }
  plan = () => this.#plan;
  setPlan(plan: Plan | null): void {
    this.#plan = plan;
  }
  cells = (): Cell[] =>
    this.#manifest.steps.map(
      ({ id }) => this.#cells.get(id) ?? { step: id, subject: 'workstation', status: 'todo', reason: '' },
    );
  cell = (step: string): Cell | undefined => this.cells().find(cell => cell.step === step);
  environment = (): Record<string, string> => ({
    KFS_CLUSTER: 'kfs',
    KFS_HOME: '/home/reader',
    SECRET: 'no',
  });
  staleUnder = (): Cell[] => [];
  subscribe(listener: (event: RunEvent, cell: Cell | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Starts a run that goes on until `end`. */
  begin(step: string, run = `run-${this.requests.length}`): string {
    this.transcripts.set(run, { bytes: Buffer.alloc(0), complete: false });
    this.put({ step, subject: 'workstation', status: 'running', reason: '', run });
    const identity = { subject: 'workstation', identity: 'workstation', digest: '', inputs: {} };
    const { kind } = this.#manifest.steps.find(({ id }) => id === step)!;
    this.emit({ type: 'run.started', at: Date.now(), run, step, kind, ...identity, mode: 'run', by: 'page' });
    return run;
  }
  print(run: string, bytes: Buffer | string): void {
    const transcript = this.transcripts.get(run)!;
    const offset = transcript.bytes.length;
    transcript.bytes = Buffer.concat([transcript.bytes, Buffer.from(bytes)]);
    this.emit({ type: 'run.output', at: Date.now(), run, offset, bytes: Buffer.from(bytes) });
  }
  end(run: string): void {
    const cell = [...this.#cells.values()].find(candidate => candidate.run === run)!;
    this.transcripts.get(run)!.complete = true;
    this.put({ ...cell, status: 'done', reason: 'proven' });
    this.emit({ type: 'run.finished', at: Date.now(), run, outcome: 'done', reason: 'proven' });
  }
  put(cell: Cell): void {
    this.#cells.set(cell.step, cell);
  }
  emit(event: RunEvent): void {
    const cell = 'run' in event ? [...this.#cells.values()].find(({ run }) => run === event.run) : undefined;
    for (const listener of this.#listeners) void listener(event, cell);
  }

  async run(request: RunRequest): Promise<RunResult> {
    this.requests.push(request);
    const run = this.begin(request.step);
    this.print(run, `ran ${request.step}\r\n`);
    this.end(run);
    return {
      run,
      step: request.step,
      subject: request.subject,
      outcome: 'done',
      reason: 'proven',
      durationMs: 1,
    };
  }
  series = (): Promise<RunResult[]> => Promise.resolve([]);
  preview = () =>
    this.#manifest.steps.map(({ id, destroys }) => ({
      step: id,
      subject: 'workstation',
      ...(destroys && { destroys }),
    }));
  stop = async (): Promise<void> => {};
  async input(run: string, bytes: Uint8Array): Promise<void> {
    this.inputs.push({ run, text: Buffer.from(bytes).toString() });
  }
  resize = async (): Promise<void> => {};
  handsDone = (): void => {};
  accept(step: string): void {
    this.accepted.push(step);
  }
  resume = async (): Promise<void> => {};
  transcript(run: string, offset = 0, length = Number.POSITIVE_INFINITY) {
    const { bytes, complete } = this.transcripts.get(run)!;
    return {
      bytes: bytes.subarray(offset, Math.min(bytes.length, offset + length)),
      total: bytes.length,
      complete,
    };
  }
  machine(): Machine {
    const shell = async () => {
      const opened = new MemoryShell();
      this.shells.push(opened);
      return opened;
    };
    return { shell } as unknown as Machine;
  }
  close = async (): Promise<void> => {};
}

export class MemoryShell implements Shell {
  typed = '';
  paused = false;
  ended = false;
  #data: (bytes: Uint8Array) => void = () => {};
  #exit: (status: number) => void = () => {};
  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data = listener;
  }
  onExit(listener: (status: number) => void): void {
    this.#exit = listener;
  }
  print(bytes: Uint8Array | string): void {
    this.#data(Buffer.from(bytes));
  }
  write(bytes: Uint8Array): void {
    this.typed += Buffer.from(bytes).toString();
  }
  resize(): void {}
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  kill(): void {
    this.ended = true;
    this.#exit(129);
  }
}

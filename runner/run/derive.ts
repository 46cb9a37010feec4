/**
 * The state of every cell, from events, book, plan and values. Pure, and the only place that decides it.
 *
 * Stale is a step that was proven with another digest, with another value of a variable it uses, or on top of
 * something stale; and one that stands on a step that was run again, since, with another text or other values
 * (or because of such a change beneath it). Running a step again as it was changes nothing for what stands on
 * it, and so does a first run: a machine that is installed anew starts over and nothing else does.
 * Gates and shows build nothing and an event has happened, so that only their own text and values make those
 * stale; and a gate never makes stale what comes after it.
 */
import type { Step } from '../book/manifest.ts';
import type { Cell } from '../events.ts';
import { differing, type Folded, fold, latest } from './fold.ts';
import { type History, identityByName } from './history.ts';
import { type Need, needsOf } from './needs.ts';
import type { Book, CellRef } from './subjects.ts';

/** Values of the variables that a step uses, for a subject. */
export type Inputs = (step: Step, subject: string) => Record<string, string>;

export interface Sources {
  book: Book;
  history: History;
  inputs: Inputs;
  /** The step that a digest stood for, to say what changed. */
  text?: (digest: string) => Step | undefined;
}

/** Derives lazily and remembers; make a new one after each event. */
export class Cells {
  readonly #sources: Sources;
  readonly #folded = new Map<string, Folded>();
  readonly #stale = new Map<string, string | undefined>();
  readonly #bumps = new Map<string, number[]>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  all(): Cell[] {
    return this.#sources.book.cells().map(ref => this.cell(ref)!);
  }

  cell(ref: CellRef): Cell | undefined {
    const step = this.#sources.book.step(ref.step);
    if (!step || !this.#sources.book.subjects(step.id).includes(ref.subject)) return undefined;
    const folded = this.folded(ref);
    return {
      ...ref,
      ...this.#status(step, ref.subject, folded),
      ...(folded.run && { run: folded.run.started.run }),
      ...(folded.provenAt !== undefined && { provenAt: folded.provenAt }),
      ...(folded.durationMs !== undefined && { durationMs: folded.durationMs }),
    };
  }

  folded(ref: CellRef): Folded {
    return remembered(this.#folded, ref, () => {
      const { history } = this.#sources;
      const planned = ref.subject === 'workstation' ? 'workstation' : identityByName(ref.subject);
      return fold(history.entries(ref.step, ref.subject), history.identity(ref.subject), planned);
    });
  }

  /** Why it is stale, whatever has happened to it since it was proven; undefined when it is not. */
  stale(ref: CellRef): string | undefined {
    // Cycles are refused by lint; here they end.
    const key = keyOf(ref);
    if (!this.#stale.has(key)) {
      this.#stale.set(key, undefined);
      this.#stale.set(key, this.#findStale(ref));
    }
    return this.#stale.get(key);
  }

  /** Done, and with nothing changed beneath it. */
  proven(ref: CellRef): boolean {
    const { settled, current } = this.folded(ref);
    return (
      settled === 'done' && (!current || current.started.mode === 'check') && this.stale(ref) === undefined
    );
  }

  /** The needs that are not proven yet. */
  unproven(step: Step, subject: string): CellRef[] {
    return needsOf(this.#sources.book, step, subject).flatMap(need => {
      if (need.ways.some(way => way.every(ref => this.proven(ref)))) return [];
      return (need.ways[0] ?? []).filter(ref => !this.proven(ref)).slice(0, 1);
    });
  }

  /** The alternative that stands in for a step that was not chosen. */
  standIn(step: Step, subject: string): Step | undefined {
    const others = this.#sources.book.alternatives(step).filter(other => other !== step);
    return others.find(other => {
      const subjects = this.#sources.book.subjects(other.id);
      const counted = subjects.includes(subject) ? [subject] : subjects;
      return counted.length > 0 && counted.every(each => this.proven({ step: other.id, subject: each }));
    });
  }

  #status(step: Step, subject: string, folded: Folded): Pick<Cell, 'status' | 'reason'> {
    const { current, settled, reason } = folded;
    if (current) {
      const waits = current.hands.at(-1)?.state === 'waiting';
      if (waits) return { status: 'hands', reason: 'waiting for a person' };
      return { status: 'running', reason: current.started.mode === 'check' ? 'being checked' : 'running' };
    }
    if (settled === 'done') {
      const stale = this.stale({ step: step.id, subject });
      return stale === undefined ? { status: 'done', reason } : { status: 'stale', reason: stale };
    }
    const other = settled === 'todo' ? this.standIn(step, subject) : undefined;
    if (other) return { status: 'done', reason: `not needed: \`${other.id}\` is done instead` };
    return { status: settled, reason };
  }

  #findStale(ref: CellRef): string | undefined {
    const step = this.#sources.book.step(ref.step);
    const version = latest(this.folded(ref));
    if (!step || !version) return undefined;
    if (version.digest !== step.digest) return this.#whatChanged(step, version.digest);
    const now = this.#sources.inputs(step, ref.subject);
    const [name] = differing(version.inputs, now);
    if (name !== undefined)
      return `$${name} was ${quoted(version.inputs[name])}, now it is ${quoted(now[name])}`;
    return step.kind === 'step' ? this.#staleBeneath(step, ref, version.seq) : undefined;
  }

  #staleBeneath(step: Step, ref: CellRef, seq: number): string | undefined {
    for (const need of this.#basis(step, ref.subject)) {
      const ways = need.ways.filter(way => way.every(each => latest(this.folded(each))));
      const reasons = ways.map(way => this.#wayStale(way, ref.subject, seq));
      if (reasons.length > 0 && reasons.every(reason => reason !== undefined)) return reasons[0];
    }
    return undefined;
  }

  #wayStale(way: CellRef[], subject: string, seq: number): string | undefined {
    for (const each of way) {
      const where = each.subject === subject ? '' : ` on ${each.subject}`;
      if (this.stale(each) !== undefined) return `stands on \`${each.step}\`${where}, which is stale`;
      if (this.#bumpsOf(each).some(bump => bump > seq))
        return `stands on \`${each.step}\`${where}, which was run again with a change since`;
    }
    return undefined;
  }

  /** The journal's positions at which it became something else for what stands on it. */
  #bumpsOf(ref: CellRef): number[] {
    const key = keyOf(ref);
    const known = this.#bumps.get(key);
    if (known) return known;
    this.#bumps.set(key, []);
    const step = this.#sources.book.step(ref.step);
    const beneath = step ? this.#basis(step, ref.subject).flatMap(need => need.ways.flat()) : [];
    const { versions } = this.folded(ref);
    const found = versions.flatMap(({ seq, ran, changed }, index) => {
      const before = versions[index - 1];
      if (!before || !ran) return [];
      const moved = () =>
        beneath.some(each => this.#bumpsOf(each).some(bump => before.seq < bump && bump < seq));
      return changed || moved() ? [seq] : [];
    });
    this.#bumps.set(key, found);
    return found;
  }

  /** The needs that its result stands on. */
  #basis(step: Step, subject: string): Need[] {
    return needsOf(this.#sources.book, step, subject).filter(
      need => need.step.kind === 'step' || (need.explicit && need.step.kind === 'event'),
    );
  }

  #whatChanged(step: Step, digest: string): string {
    const old = this.#sources.text?.(digest);
    if (old && old.text === step.text && old.check?.text !== step.check?.text) return 'its check changed';
    if (old && old.text !== step.text && old.check?.text === step.check?.text) return 'its text changed';
    if (old && old.text === step.text) return 'where or how it runs changed';
    return 'its text or its check changed';
  }
}

const quoted = (value: string | undefined): string => (value === undefined ? 'not set' : `“${value}”`);

const keyOf = (ref: CellRef): string => `${ref.step} ${ref.subject}`;

function remembered<T>(map: Map<string, T>, ref: CellRef, make: () => T): T {
  const key = keyOf(ref);
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

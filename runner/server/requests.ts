/** What a page can ask for: one function a type. Each either returns the reply or throws why not. */
import type { Step } from '../book/manifest.ts';
import type { Ask, AskType, Replies } from '../protocol/messages.ts';
import type { Selection } from '../run/runner.ts';
import { subjectsOfStep } from '../run/subjects.ts';
import type { Certificates } from './certificates.ts';
import type { Client } from './client.ts';
import type { Hub } from './hub.ts';
import type { PlanDesk } from './plan-desk.ts';
import { Refused } from './refused.ts';
import type { Runs } from './runs.ts';

/** What the answers are made from. */
export interface Services {
  hub: Hub;
  plan: PlanDesk;
  runs: Runs;
  certificates: Certificates;
}

type Asked<T extends AskType> = Extract<Ask, { type: T }>;
type Answers = {
  [T in AskType]: (services: Services, client: Client, ask: Asked<T>) => Replies[T] | Promise<Replies[T]>;
};

export function answer(services: Services, client: Client, ask: Ask): unknown {
  const handler = ANSWERS[ask.type] as (services: Services, client: Client, ask: Ask) => unknown;
  return handler(services, client, ask);
}

const ANSWERS: Answers = {
  run: async ({ hub }, _client, { step, subject, digest, mode, confirm, size }) => {
    assertCell(hub, step, subject, digest);
    const asked = { step, subject, digest, mode, by: 'page', ...(confirm !== undefined && { confirm }) };
    const { run, outcome, reason } = await hub.runner.run({ ...asked, ...(size && { size }) });
    return { run, outcome, reason };
  },

  series: ({ hub }, _client, ask) => {
    if (ask.book !== hub.runner.manifest().digest) {
      throw new Refused(
        'step-changed',
        'The book has changed since this page was loaded.',
        'Reload the page.',
      );
    }
    const { what, to, stale, subjects } = ask;
    const selection: Selection = { what, ...(to !== undefined && { to }) };
    if (stale) selection.stale = true;
    if (subjects) selection.subjects = subjects;
    for (const name of to === undefined ? what : [...what, to]) assertNamed(hub, name);
    return { id: hub.series.start(selection, titleOf(hub, selection), ask.destroy ?? []) };
  },

  'series.stop': ({ hub }, _client, { id }) => {
    hub.series.stop(id);
    return null;
  },

  stop: async (services, _client, { run, force }) => {
    assertRun(services, run);
    await services.hub.runner.stop(run, force);
    return null;
  },

  hands: (services, _client, { run }) => {
    assertRun(services, run);
    services.hub.runner.handsDone(run);
    return null;
  },

  accept: ({ hub }, _client, { step, subject, digest }) => {
    assertCell(hub, step, subject, digest);
    hub.runner.accept(step, subject, digest);
    return null;
  },

  values: ({ hub }, _client, { step, subject }) => {
    const { variables } = assertCell(hub, step, subject);
    const environment = hub.runner.environment(step, subject);
    return { values: Object.fromEntries(variables.map(name => [name, environment[name] ?? ''])) };
  },

  attach: (services, client, { run, offset, last }) => {
    assertRun(services, run);
    const source = services.hub.sourceOf(run);
    const total = source.total();
    return client.attach(source, Math.min(offset ?? Math.max(0, total - (last ?? total)), total));
  },

  'attach.shell': ({ hub }, client, { shell, offset }) => {
    const session = hub.shells.get(shell);
    return client.attach(session, Math.min(offset, session.total()));
  },

  'shell.open': async ({ hub }, _client, { machine, size }) => {
    const known =
      machine === 'workstation' || hub.runner.plan()?.machines.some(({ name }) => name === machine);
    if (!known) throw new Refused('subject-unknown', `The plan has no machine ${machine}.`);
    return { shell: await hub.shells.open(machine, size) };
  },

  'shell.close': ({ hub }, _client, { shell }) => {
    hub.shells.end(shell);
    return null;
  },

  'run.info': ({ runs }, _client, { run }) => runs.info(run),
  runs: ({ hub, runs }, _client, { step, subject }) => {
    assertCell(hub, step, subject);
    return { runs: runs.of(step, subject) };
  },

  'plan.view': ({ plan }, _client, { edits }) => plan.view(edits),
  'plan.save': ({ plan }, _client, { edits, digest }) => plan.save(edits, digest),
  certificates: ({ certificates }) => certificates(),

  'lab.retry': ({ hub }) => {
    hub.lab.again();
    return null;
  },
};

/** The step, if the book has it, it is as the page shows it, and it has that subject. */
function assertCell({ runner }: Hub, id: string, subject: string, digest?: string): Step {
  const step = runner.manifest().steps.find(candidate => candidate.id === id);
  if (!step) throw new Refused('step-unknown', `The book has no step ${id}.`, 'Reload the page.');
  if (digest !== undefined && step.digest !== digest) {
    throw new Refused(
      'step-changed',
      `Step ${id} has changed since this page was loaded.`,
      'Reload the page.',
    );
  }
  if (!subjectsOfStep(step, runner.plan()).includes(subject))
    throw new Refused('subject-unknown', `Step ${id} has nothing to do on ${subject}.`);
  return step;
}

/** Joining an unknown run is an error, never a start. */
function assertRun({ hub, runs }: Services, run: string): void {
  if (!hub.runner.cells().some(cell => cell.run === run)) runs.info(run);
}

function assertNamed({ runner }: Hub, name: string): void {
  const { steps, chapters, parts } = runner.manifest();
  const known =
    steps.some(({ id }) => id === name) ||
    chapters.some(({ slug }) => slug === name) ||
    parts.some(({ slug }) => slug === name);
  if (!known) throw new Refused('step-unknown', `The book has nothing named ${name}.`, 'Reload the page.');
}

function titleOf({ runner }: Hub, { what, to, stale }: Selection): string {
  const manifest = runner.manifest();
  const chapters = manifest.chapters.filter(({ slug }) => what.includes(slug)).map(({ title }) => title);
  const where = chapters.join(', ') || what.join(', ') || 'the whole book';
  if (to !== undefined) return `${where}, to ${to}`;
  return stale ? `what is stale in ${where}` : where;
}

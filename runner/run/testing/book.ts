/** Books and plans for tests of the engine, made from a few words. */
import { createHash } from 'node:crypto';
import type { Chapter, Manifest, Step } from '../../book/manifest.ts';
import type { Plan, Role } from '../../plan/plan.ts';

export interface StepWords extends Partial<Omit<Step, 'check' | 'id' | 'kind'>> {
  check?: string;
}

const place = { file: 'content/docs/part/01-chapter.mdx', line: 1, column: 1 };

/** `step:make`, `gate:tool` …: the kind and the id, then what the step says. */
export type Words = Record<string, StepWords>;

/** One part `part`; each chapter `part/<name>`. */
export function testBook(chapters: Record<string, Words>): Manifest {
  const steps: Step[] = [];
  const list: Chapter[] = [];
  for (const [name, words] of Object.entries(chapters)) {
    const slug = `part/${name}`;
    const made = Object.entries(words).map(([key, said]) => testStep(slug, key, said));
    steps.push(...made);
    const titles = { title: name, description: '', part: 'part', number: `1.${list.length + 1}` };
    list.push({ slug, ...titles, file: place.file, steps: made.map(({ id }) => id) });
  }
  const parts = [{ slug: 'part', title: 'Part', chapters: list.map(({ slug }) => slug) }];
  return { format: 1, parts, chapters: list, steps, digest: sha256(steps.map(({ digest }) => digest)) };
}

function testStep(chapter: string, key: string, { check, ...said }: StepWords): Step {
  const [kind = 'step', id = key] = key.split(':') as [Step['kind'], string];
  const text = said.text ?? 'true\n';
  const step = {
    id,
    kind,
    chapter,
    on: 'workstation',
    needs: [],
    timeoutMs: 60_000,
    settleMs: 0,
    reboots: false,
    text,
    variables: [...new Set(`${text}${check ?? ''}`.match(/KFS_[A-Z_]+/g))].sort(),
    files: [],
    heading: { text: 'Heading', anchor: 'heading' },
    place,
    ...(check !== undefined && { check: { text: check, place } }),
    ...said,
  };
  return { ...step, digest: sha256([kind, step.on, step.for, text, check]) };
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export const CHECK = { check: 'true\n' };

/** A chapter of three steps, in which words say what is otherwise. */
export const chain = (words: Words = {}): Manifest =>
  testBook({ a: { 'step:one': CHECK, 'step:two': CHECK, 'step:three': CHECK, ...words } });

/** A plan with machines `n1`, `n2` …, each with the roles named. */
export function testPlan(...roles: Role[][]): Plan {
  return {
    name: 'test',
    domain: 'test.example',
    network: {
      subnet: '10.0.0.0/24',
      router: '10.0.0.1',
      dns: ['10.0.0.1'],
      time: ['10.0.0.1'],
      workstation: '10.0.0.2',
    },
    pods: '10.244.0.0/16',
    services: '10.96.0.0/16',
    api: { name: 'api.test.example', address: '10.0.0.10' },
    mirror: { port: 8000 },
    versions: {},
    ssh: { user: 'reader' },
    machines: roles.map((each, index) => ({
      name: `n${index + 1}`,
      mac: `52:54:00:00:00:0${index + 1}`,
      address: `10.0.0.${11 + index}`,
      roles: each,
      disk: '/dev/vda',
      data: [],
      power: 'manual' as const,
    })),
  };
}

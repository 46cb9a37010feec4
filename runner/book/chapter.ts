/** One chapter's source to its steps. Pure: no file is read, nothing is thrown for what an author can write. */
import { createHash } from 'node:crypto';
import type { Place } from '../errors.ts';
import { DEFAULT_SETTLE_MS, DEFAULT_TIMEOUT_MS, KINDS, type ReadFence, readFence } from './attributes.ts';
import { parseDuration } from './duration.ts';
import { readFiles } from './files.ts';
import type { Finding } from './finding.ts';
import type { Chapter, Check, Step, StepKind } from './manifest.ts';
import { type Fence, type ParsedChapter, parseChapter } from './parse.ts';
import { slugOfFile } from './slug.ts';

/** What the outline says of a chapter; the rest is in its file. */
export interface ChapterInfo {
  slug: string;
  part: string;
  number: string;
  /** As the outline has it; default: the frontmatter's. */
  title?: string;
}

export interface CompiledChapter {
  chapter: Chapter;
  steps: Step[];
  findings: Finding[];
  parsed: ParsedChapter;
}

/** `file` is the path by which the book's places name it, e.g. `content/docs/one-machine/03-etcd.mdx`. */
export function compileChapter(
  source: string,
  file: string,
  info: Partial<ChapterInfo> = {},
): CompiledChapter {
  const slug = info.slug ?? slugOfFile(file.replace(/^.*content\/docs\//, ''));
  const parsed = parseChapter(source, file);
  const read = parsed.fences.flatMap(fence => {
    const found = readFence(fence);
    return found ? [{ fence, ...found }] : [];
  });
  const checks = read.filter(one => one.kind === 'check');
  const steps = read
    .filter(one => one.kind !== 'check')
    .map(one => toStep(one, one.fence, slug, checkOf(one, checks)));
  const findings = [
    ...parsed.findings,
    ...read.flatMap(one => one.findings),
    ...read.flatMap(one => fenceFindings(one)),
    ...strayFences(parsed.fences),
    ...pairFindings(read),
  ];
  const title = info.title ?? asText(parsed.front.title);
  const chapter: Chapter = {
    slug,
    title,
    description: asText(parsed.front.description),
    part: info.part ?? slug.split('/').slice(0, -1).join('/'),
    number: info.number ?? '',
    file,
    steps: steps.map(step => step.id),
  };
  return { chapter, steps, findings, parsed };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

type Read = ReadFence & { fence: Fence };

function checkOf(step: Read, checks: Read[]): Check | undefined {
  const found =
    step.kind === 'step' || step.kind === 'event' ? checks.find(check => check.id === step.id) : undefined;
  return found && { text: found.fence.text, place: found.fence.place };
}

function toStep(read: ReadFence, fence: Fence, chapter: string, check: Check | undefined): Step {
  const words = (name: string): string | undefined => {
    const value = read.values.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const duration = (name: string): number | undefined => parseDuration(words(name) ?? '') ?? undefined;
  const step: Omit<Step, 'digest'> = {
    id: read.id,
    kind: read.kind as StepKind,
    chapter,
    on: words('on') ?? '',
    ...optional('for', words('for')),
    needs: words('needs')?.trim().split(/\s+/) ?? [],
    timeoutMs: duration('timeout') ?? DEFAULT_TIMEOUT_MS,
    settleMs: duration('settle') ?? DEFAULT_SETTLE_MS,
    reboots: read.values.has('reboots'),
    ...optional('destroys', words('destroys')),
    ...optional('handsMs', duration('hands')),
    ...optional('either', words('either')),
    ...(read.values.has('notrun') ? { notRun: true } : {}),
    text: fence.text,
    ...optional('check', check),
    variables: variablesOf(fence.text + (check?.text ?? '')),
    files: readFiles(fence.text).map(({ line, endLine: _end, sudo: _sudo, quoted: _quoted, ...file }) => ({
      ...file,
      place: { ...fence.place, line: fence.place.line + 1 + line },
    })),
    heading: fence.heading,
    place: fence.place,
  };
  return { ...step, digest: digestOf(step) };
}

const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };

/** Sorted names that a text uses. A name counts wherever it stands: it is cheap to be stale once too often. */
export const variablesOf = (text: string): string[] =>
  [...new Set(text.match(/\bKFS_[A-Z][A-Z0-9_]*\b/g) ?? [])].sort();

/** What makes a step another step: what it does and where, not how long it may take. */
export function digestOf(step: Omit<Step, 'digest'>): string {
  const parts = [
    step.kind,
    step.on,
    step.for ?? '',
    step.handsMs !== undefined,
    step.reboots,
    step.destroys !== undefined,
    step.text,
    step.check?.text ?? '',
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function fenceFindings(read: Read): Finding[] {
  const { fence, kind, id } = read;
  const at = (place: Place, rule: string, what: string, why: string, mend: string): Finding => ({
    place,
    rule,
    what,
    why,
    mend,
  });
  const findings: Finding[] = [];
  if (!fence.closed)
    findings.push(
      at(fence.place, 'fence', 'the fence is not closed', 'all that follows is its text', 'close it'),
    );
  if (fence.text.trim() === '')
    findings.push(at(fence.place, 'fence', `\`${id}\` has no text`, 'there is nothing to run', 'write it'));
  if (kind === 'check') return findings;
  if (!read.values.has('on'))
    findings.push(
      at(
        fence.place,
        'place',
        `\`${id}\` does not say where it runs`,
        'the runner cannot guess',
        'add on="…"',
      ),
    );
  if (read.values.has('for') && read.values.get('on') !== 'workstation')
    findings.push(
      at(
        read.placeOf('for'),
        'place',
        `\`for\` on a step that does not run on the workstation`,
        'on a role a step runs on every machine of it anyway',
        'drop `for`, or write on="workstation"',
      ),
    );
  if (read.values.get('for') === 'workstation')
    findings.push(
      at(
        read.placeOf('for'),
        'place',
        '`for` the workstation',
        'it names machines',
        'name a role, or drop it',
      ),
    );
  return findings;
}

/** A fence that was meant as a step but for a slip: `sh steps="x"`, `sh on="first"`. */
function strayFences(fences: Fence[]): Finding[] {
  return fences
    .filter(fence => fence.lang === 'sh' && readFence(fence) === null)
    .filter(fence => /(^|\s)(on|for|needs|steps?|events?|shows?|gates?|checks?)\b/i.test(fence.meta))
    .map(fence => ({
      place: { ...fence.place, column: fence.metaColumn },
      rule: 'attribute',
      what: 'a fence with attributes of a step that is none',
      why: 'the runner would leave it out without a word',
      mend: `begin it with ${KINDS.map(kind => `${kind}="id"`).join(', ')} or check="id"`,
    }));
}

/** A step and an event have exactly one check, below them in the chapter; a show and a gate none. */
function pairFindings(all: Read[]): Finding[] {
  const findings: Finding[] = [];
  const push = (one: Read, rule: string, what: string, why: string, mend: string): void => {
    findings.push({ place: one.fence.place, rule, what, why, mend });
  };
  for (const [index, one] of all.entries()) {
    const same = all.filter(other => other.id === one.id);
    const owner = same.find(other => other.kind !== 'check');
    const checks = same.filter(other => other.kind === 'check');
    if (one.kind === 'check') {
      if (!owner)
        push(
          one,
          'check-step',
          `check \`${one.id}\` has no step`,
          'nothing would look at it',
          `add a step="${one.id}" above, or drop it`,
        );
      else if (owner.kind === 'show' || owner.kind === 'gate')
        push(
          one,
          'check-step',
          `${owner.kind} \`${one.id}\` has a check`,
          owner.kind === 'gate' ? 'a gate is itself the check' : 'a show proves nothing',
          'drop the check, or make it a step',
        );
      else if (all.indexOf(owner) > index)
        push(
          one,
          'check-step',
          `check \`${one.id}\` stands before its step`,
          'the reader meets the proof before the deed',
          'move it below the step',
        );
      else if (checks[0] !== one)
        push(
          one,
          'step-check',
          `a second check for \`${one.id}\``,
          'one of them would not be looked at',
          'join them: every line of a check must hold',
        );
    } else if ((one.kind === 'step' || one.kind === 'event') && checks.length === 0)
      push(
        one,
        'step-check',
        `${one.kind} \`${one.id}\` has no check`,
        'nothing proves that it worked',
        `add a \`\`\`sh check="${one.id}" fence below it`,
      );
  }
  return findings;
}

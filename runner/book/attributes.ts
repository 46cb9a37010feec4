/** The attributes of a step's fence: which there are, which kind may have which, and what their values mean. */

import { parseDuration } from '../duration.ts';
import type { Place } from '../errors.ts';
import type { Finding } from './finding.ts';
import type { StepKind } from './manifest.ts';
import { type MetaAttribute, parseMeta } from './meta.ts';
import type { Fence } from './parse.ts';

export const KINDS: readonly StepKind[] = ['step', 'event', 'show', 'gate'];

/** Where a step may run. The plan's own list is tested to be the same; the book knows no plan. */
export const PLACES = ['workstation', 'etcd', 'control', 'storage', 'node', 'all', 'first', 'new'];

/** What a step gets when it does not say: ten minutes to run; its check is looked at once, right after. */
export const DEFAULT_TIMEOUT_MS = 600_000;
export const DEFAULT_SETTLE_MS = 0;

/** Read by the page alone: a frame's title, long lines wrapped. */
const DISPLAY = ['title', 'wrap'];

type Form = 'place' | 'ids' | 'duration' | 'words' | 'id' | 'flag';
const FORMS: Record<string, { form: Form; kinds: readonly StepKind[] }> = {
  on: { form: 'place', kinds: KINDS },
  for: { form: 'place', kinds: KINDS },
  needs: { form: 'ids', kinds: KINDS },
  timeout: { form: 'duration', kinds: KINDS },
  settle: { form: 'duration', kinds: ['step', 'event', 'gate'] },
  reboots: { form: 'flag', kinds: ['step', 'event'] },
  destroys: { form: 'words', kinds: ['step', 'event'] },
  hands: { form: 'duration', kinds: ['step', 'event'] },
  either: { form: 'id', kinds: ['step', 'event', 'gate'] },
  notrun: { form: 'flag', kinds: KINDS },
};

/** Lower case words joined by single hyphens: `etcd-start`. */
export const isId = (text: string): boolean =>
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text) && text.length <= 64;

export interface ReadFence {
  fence: Fence;
  kind: StepKind | 'check';
  id: string;
  values: Map<string, string | true>;
  findings: Finding[];
  /** Position of an attribute, or of the fence. */
  placeOf(name: string): Place;
}

/** null when the fence is neither a step nor a check: then it is only an illustration. */
export function readFence(fence: Fence): ReadFence | null {
  const meta = parseMeta(fence.meta);
  const first = meta.attributes[0];
  const named = meta.attributes.filter(a => a.name === 'check' || KINDS.includes(a.name as StepKind));
  if (!first || named.length === 0) return null;
  const at = (column: number): Place => ({ ...fence.place, column: fence.metaColumn + column });
  const placeOf = (name: string): Place => {
    const found = meta.attributes.find(a => a.name === name);
    return found ? at(found.at) : fence.place;
  };
  const kind = (named[0] as MetaAttribute).name as StepKind | 'check';
  const id = named[0]?.value;
  const findings = [
    ...meta.problems.map(problem => attributeFinding(at(problem.at), problem.what)),
    ...checkOpening(fence, first, named, placeOf),
    ...meta.attributes
      .filter(a => a !== named[0])
      .flatMap(a => checkAttribute(a, kind, at(a.at), isRepeated(meta.attributes, a))),
  ];
  const values = new Map(meta.attributes.map(a => [a.name, a.value]));
  return { fence, kind, id: typeof id === 'string' ? id : '', values, findings, placeOf };
}

const isRepeated = (all: MetaAttribute[], one: MetaAttribute): boolean =>
  all.findIndex(a => a.name === one.name) !== all.indexOf(one);

function checkOpening(
  fence: Fence,
  first: MetaAttribute,
  named: MetaAttribute[],
  placeOf: (name: string) => Place,
): Finding[] {
  const findings: Finding[] = [];
  const [name, second] = named as [MetaAttribute, MetaAttribute | undefined];
  if (fence.lang !== 'sh')
    findings.push({
      place: fence.place,
      rule: 'fence',
      what: `a ${name.name} written in \`${fence.lang || 'no language'}\``,
      why: 'steps and checks are shell text',
      mend: `begin the fence with \`sh ${name.name}=\``,
    });
  if (first !== name)
    findings.push(
      attributeFinding(placeOf(name.name), `\`${name.name}\` is not the first word`, 'write it first'),
    );
  if (second)
    findings.push(attributeFinding(placeOf(second.name), `both \`${name.name}\` and \`${second.name}\``));
  if (typeof name.value !== 'string' || !isId(name.value))
    findings.push({
      place: placeOf(name.name),
      rule: 'step-id',
      what: `\`${name.value === true ? '' : name.value}\` is no id`,
      why: 'the journal and the command line know the step by it',
      mend: 'use lower case words joined by single hyphens, like `etcd-start`, 64 characters at most',
    });
  return findings;
}

function checkAttribute(
  attribute: MetaAttribute,
  kind: StepKind | 'check',
  place: Place,
  repeated: boolean,
): Finding[] {
  const { name, value } = attribute;
  if (name === 'check' || KINDS.includes(name as StepKind) || DISPLAY.includes(name)) return [];
  const known = FORMS[name];
  if (!known) {
    const all = kind === 'check' ? [] : Object.keys(FORMS).filter(n => FORMS[n]?.kinds.includes(kind));
    const mend = all.length ? `known are ${all.join(', ')}` : 'a check has no attribute but its id';
    return [attributeFinding(place, `unknown attribute \`${name}\``, mend)];
  }
  if (kind === 'check') return [attributeFinding(place, `\`${name}\` on a check`, 'write it on the step')];
  if (!known.kinds.includes(kind))
    return [
      attributeFinding(place, `\`${name}\` on a ${kind}`, `only ${known.kinds.join(' and ')} may have it`),
    ];
  if (repeated) return [attributeFinding(place, `\`${name}\` twice`, 'keep one')];
  const problem = valueProblem(known.form, value);
  if (!problem) return [];
  const rule = known.form === 'place' ? 'place' : 'attribute';
  return [{ ...attributeFinding(place, `\`${name}\`: ${problem.what}`, problem.mend), rule }];
}

function valueProblem(form: Form, value: string | true): { what: string; mend: string } | null {
  if (form === 'flag') return value === true ? null : { what: 'takes no value', mend: 'write the bare word' };
  const text = value === true ? '' : value;
  if (text.trim() === '') return { what: 'has no value', mend: 'write it as name="value"' };
  if (form === 'place' && !PLACES.includes(text))
    return { what: `unknown role \`${text}\``, mend: `use one of ${PLACES.join(', ')}` };
  if (form === 'duration' && parseDuration(text) === null)
    return { what: `\`${text}\` is no duration`, mend: 'write a number and its unit: 30s, 2m, 1h' };
  if (form === 'id' && !isId(text))
    return { what: `\`${text}\` is no name`, mend: 'use lower case words and hyphens' };
  const bad = form === 'ids' ? text.split(/\s+/).find(id => !isId(id)) : undefined;
  return bad === undefined
    ? null
    : { what: `\`${bad}\` is no id`, mend: 'write the ids with blanks between' };
}

const attributeFinding = (place: Place, what: string, mend = 'write it as name="value"'): Finding => ({
  place,
  rule: 'attribute',
  what,
  why: 'the runner would not do what the page says',
  mend,
});

/**
 * A step as it stands on the page: `<kfs-step>` around the figure of its text, its check folded away, and a line
 * that says where it runs. It reads fully without a script; the runner's custom element adds the rest.
 */
import type { Step } from '../../runner/book/manifest.ts';
import { noticeWords, recordWords, type StepRecord, whereWords } from './words.ts';

/** The nodes that are made here: Sätteri renders `hName` as the element and `hProperties` as its attributes. */
export interface PageNode {
  type: string;
  lang?: string;
  meta?: string | null;
  value?: string;
  children?: PageNode[];
  data?: { hName: string; hProperties?: Record<string, string> };
}

/** `display` is what the code frame gets to read of the fence's meta: a title, never a step's attributes. */
export function stepElement(step: Step, display: string, record?: StepRecord): PageNode {
  const check = step.check
    ? [
        element('details', { class: 'kfs-check' }, [
          element('summary', {}, [
            text(step.kind === 'event' ? 'What is looked at after' : 'How it is proven'),
          ]),
          code(step.check.text),
        ]),
      ]
    : [];
  return element('kfs-step', attributesOf(step), [
    code(step.text, display),
    ...check,
    ...outputOf(step, record),
    metaOf(step, record),
  ]);
}

/** The contract with `components/browser`: what the custom element knows of its step. */
export function attributesOf(step: Step): Record<string, string> {
  return {
    id: `step-${step.id}`,
    role: 'group',
    'aria-label': `${KIND_WORDS[step.kind]} ${step.id}`,
    'data-step': step.id,
    'data-kind': step.kind,
    'data-digest': step.digest,
    'data-on': step.on,
    ...(step.for ? { 'data-for': step.for } : {}),
    ...(step.destroys ? { 'data-destroys': step.destroys } : {}),
    ...(step.handsMs === undefined
      ? {}
      : { 'data-hands': '', 'data-minutes': String(Math.round(step.handsMs / 6000) / 10) }),
    ...(step.either ? { 'data-either': step.either } : {}),
    ...(step.notRun ? { 'data-notrun': '' } : {}),
  };
}

const KIND_WORDS = { step: 'Step', event: 'Event', show: 'Look', gate: 'Requirement' } as const;

function metaOf(step: Step, record: StepRecord | undefined): PageNode {
  const recorded = recordWords(step, record);
  return element('p', { class: 'kfs-meta' }, [
    element('code', { class: 'kfs-id' }, [text(step.id)]),
    text(' '),
    element('span', { class: 'kfs-where' }, [text(whereWords(step))]),
    ...noticeWords(step).flatMap(words => [
      text(' '),
      element('span', { class: 'kfs-notice' }, [text(words)]),
    ]),
    ...(recorded ? [text(' '), element('span', { class: 'kfs-recorded' }, [text(recorded)])] : []),
  ]);
}

/** What the recorded run printed; only of this very text. */
function outputOf(step: Step, record: StepRecord | undefined): PageNode[] {
  if (!record?.output?.trim() || record.digest !== step.digest) return [];
  return [
    element('details', { class: 'kfs-output', 'data-pagefind-ignore': '' }, [
      element('summary', {}, [text('What it printed in the recorded run')]),
      element('pre', {}, [element('samp', {}, [text(record.output)])]),
    ]),
  ];
}

const code = (source: string, meta = ''): PageNode => ({
  type: 'code',
  lang: 'sh',
  meta: meta || null,
  value: source.replace(/\n$/, ''),
});

const element = (hName: string, hProperties: Record<string, string>, children: PageNode[]): PageNode => ({
  type: 'bookElement',
  data: { hName, hProperties },
  children,
});

const text = (value: string): PageNode => ({ type: 'text', value });

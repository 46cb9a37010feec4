/** One field of the plan's form: label, explanation from the schema, the problem with it below. */
import type { PlanProblem, PlanSchema, PlanValue } from '../../runner/protocol/messages.ts';
import { freshId, h, setText, show } from './dom.ts';
import { labelOf, listOf, type Path } from './plan-edits.ts';

export interface PlanField {
  readonly path: Path;
  readonly element: HTMLElement;
  /** Problems of this very field. */
  say(problems: PlanProblem[]): void;
}

type Changed = (path: Path, value: PlanValue | null) => void;

export function planField(
  path: Path,
  schema: PlanSchema,
  value: PlanValue | undefined,
  changed: Changed,
): PlanField {
  if (schema.type === 'array' && schema.items?.enum) return choices(path, schema, value, changed);
  const id = freshId('field');
  const list = schema.type === 'array';
  const common = { id, 'aria-describedby': `${id}-help ${id}-problem` };
  const text = list
    ? Array.isArray(value)
      ? value.join(' ')
      : ''
    : value === undefined
      ? ''
      : String(value);
  const control = schema.enum
    ? h(
        'select',
        common,
        ...schema.enum.map(each =>
          h('option', { value: each, selected: each === (value ?? schema.default) }, String(each)),
        ),
      )
    : h('input', {
        ...common,
        type: 'text',
        value: text,
        placeholder: placeholder(schema),
        spellcheck: 'false',
        autocomplete: 'off',
      });
  control.addEventListener('input', () => {
    const typed = control.value.trim();
    changed(
      path,
      list
        ? listOf(typed)
        : typed === ''
          ? null
          : schema.type === 'integer' && /^\d+$/.test(typed)
            ? Number(typed)
            : typed,
    );
  });
  const label = h(
    'label',
    { for: id },
    labelOf(path),
    list ? h('span', { class: 'kfs-unit' }, ' (several: with blanks between)') : undefined,
  );
  return framed(path, id, [label, control], schema, problem =>
    control.setAttribute('aria-invalid', String(problem)),
  );
}

/** A set of words: check boxes. */
function choices(path: Path, schema: PlanSchema, value: PlanValue | undefined, changed: Changed): PlanField {
  const id = freshId('field');
  const chosen = new Set(Array.isArray(value) ? value.map(String) : []);
  const boxes = (schema.items?.enum ?? []).map(each => {
    const box = h('input', { type: 'checkbox', value: each, checked: chosen.has(String(each)) });
    return { box, label: h('label', { class: 'kfs-box' }, box, String(each)) };
  });
  const set = h(
    'fieldset',
    { 'aria-describedby': `${id}-help ${id}-problem` },
    h('legend', {}, labelOf(path)),
    ...boxes.map(({ label }) => label),
  );
  set.addEventListener('input', () =>
    changed(
      path,
      boxes.filter(({ box }) => box.checked).map(({ box }) => box.value),
    ),
  );
  return framed(path, id, [set], schema, () => {});
}

function framed(
  path: Path,
  id: string,
  parts: HTMLElement[],
  schema: PlanSchema,
  mark: (problem: boolean) => void,
): PlanField {
  const help = h('p', { class: 'kfs-help', id: `${id}-help` }, plain(schema.description ?? ''));
  const problem = h('p', { class: 'kfs-problem', id: `${id}-problem`, hidden: true });
  const element = h('div', { class: 'kfs-field' }, ...parts, problem, help);
  return {
    path,
    element,
    say(problems) {
      setText(problem, problems.map(({ message, next }) => `${message}; ${next}`).join(' '));
      show(problem, problems.length > 0);
      mark(problems.length > 0);
    },
  };
}

/** Backquotes are for Markdown; a form has none. */
const plain = (text: string): string => text.replaceAll('`', '');

const placeholder = ({ default: value }: PlanSchema): string | undefined =>
  value === undefined || typeof value === 'object' ? undefined : String(value);

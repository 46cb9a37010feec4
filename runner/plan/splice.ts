/** Changes one place of a YAML text and leaves every other byte as it is. */
import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { KfsError } from '../errors.ts';
import type { PlanPath } from './issue.ts';
import {
  blockText,
  columnOf,
  commentStart,
  endOf,
  eolOf,
  flowText,
  keyOf,
  lineEnd,
  lineStart,
  startOf,
} from './yaml-text.ts';

type Step = string | number;

export function setPath(text: string, path: PlanPath, value: unknown): string {
  const document = read(text);
  const holder = deepest(document, path);
  const rest = path.slice(holder.path.length);
  if (rest.length === 0) return setNode(text, path, holder.node, value);
  const nested = rest
    .slice(1)
    .reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value);
  return insert(text, holder.node, holder.path, rest[0] as Step, nested);
}

/** Removes a field or an item with the comment on its line; above an item, also the comment that belongs to it. */
export function removePath(text: string, path: PlanPath): string {
  const document = read(text);
  const holder = deepest(document, path.slice(0, -1));
  const step = path.at(-1) as Step;
  if (holder.path.length < path.length - 1 || childOf(holder.node, step) === undefined) return text;
  const { node } = holder;
  if (!isCollection(node) || node.flow) return rewrite(text, holder.path, node, without(node, step));
  if (node.items.length === 1) return removeLast(text, path, node);
  const index = isSeq(node) ? Number(step) : node.items.findIndex(pair => keyOf(pair) === String(step));
  const [from, to] = linesOf(text, node, index);
  return text.slice(0, from) + text.slice(to);
}

/** An empty block cannot be written: an empty list is `[]`, an empty group goes as a whole. */
function removeLast(text: string, path: PlanPath, node: Node): string {
  const parent = path.slice(0, -1);
  if (parent.length > 0 && isMap(node) && typeof parent.at(-1) === 'string') return removePath(text, parent);
  return rewrite(text, parent, node, isSeq(node) ? [] : {});
}

function read(text: string): Document.Parsed {
  const document = parseDocument(text);
  if (document.errors.length === 0) return document;
  throw new KfsError('refused', 'the plan is not YAML at the moment, so a form cannot change it', {
    next: 'correct it in an editor; `kfs plan check` shows the place',
  });
}

interface Holder {
  path: PlanPath;
  node: Node | null;
}

/** As far along the path as there is something. */
function deepest(document: Document.Parsed, path: PlanPath): Holder {
  let node: Node | null = document.contents;
  for (const [index, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === undefined) return { path: path.slice(0, index), node };
    node = child;
    if (isAlias(node) && index < path.length - 1) throw aliased(path.slice(0, index + 1));
  }
  return { path, node };
}

const aliased = (path: PlanPath): KfsError =>
  new KfsError('refused', `${path.join('.')} is an alias (*) of another place in the plan`, {
    next: 'change it in an editor',
  });

function childOf(node: Node | null, step: Step): Node | null | undefined {
  if (isSeq(node) && typeof step === 'number') return node.items[step] as Node | undefined;
  const pair = isMap(node) ? node.items.find(item => keyOf(item) === String(step)) : undefined;
  return pair && ((pair.value as Node | null) ?? null);
}

function setNode(text: string, path: PlanPath, node: Node | null, value: unknown): string {
  if (isSeq(node) && !node.flow && Array.isArray(value))
    return setItems(text, path, node.items.length, value);
  if (isMap(node) && value && typeof value === 'object' && !Array.isArray(value)) {
    const kept = node.items.map(keyOf).filter(key => !(key in value));
    const removed = kept.reduce((current, key) => removePath(current, [...path, key]), text);
    return Object.entries(value).reduce(
      (current, [key, inner]) => setPath(current, [...path, key], inner),
      removed,
    );
  }
  return rewrite(text, path, node, value);
}

/** A list written line by line stays so: items are replaced, added at the end, or removed from the end. */
function setItems(text: string, path: PlanPath, length: number, values: unknown[]): string {
  const surplus = Array.from(
    { length: Math.max(0, length - values.length) },
    (_, index) => length - 1 - index,
  );
  const shorter = surplus.reduce((current, index) => removePath(current, [...path, index]), text);
  return values.reduce<string>((current, value, index) => setPath(current, [...path, index], value), shorter);
}

/** In one line, in place of the node. */
function rewrite(text: string, path: PlanPath, node: Node | null, value: unknown): string {
  const [start, end] = node?.range ?? [0, 0];
  if (!node || path.length === 0) {
    const before = isCollection(node) ? text.slice(0, start) : text; // a text of nothing but comments keeps them
    return `${before}${blockText(value, 0, eolOf(text))}`;
  }
  const written =
    isScalar(node) && node.type?.startsWith('QUOTE') && typeof value === 'string'
      ? requoted(text[start], value)
      : flowText(value);
  if (isCollection(node) && !node.flow) return replaceBlock(text, path, node, written);
  const gap = start === end && /\S/.test(text[start - 1] ?? ' ') ? ' ' : '';
  return text.slice(0, start) + gap + written + text.slice(end);
}

/** The value moves up behind its key; comments between the key and what was there stay. */
function replaceBlock(text: string, path: PlanPath, node: Node, written: string): string {
  const { node: map } = deepest(read(text), path.slice(0, -1));
  const pair = isMap(map) ? map.items.find(item => keyOf(item) === String(path.at(-1))) : undefined;
  const colon = text.indexOf(':', (pair?.key as Node | undefined)?.range?.[1] ?? 0) + 1;
  const between = text.slice(colon, lineStart(text, node.range?.[0] ?? 0));
  const kept = between.includes('#') ? between : eolOf(text);
  return `${text.slice(0, colon)} ${written}${kept}${text.slice(lineEnd(text, endOf(node)))}`;
}

const requoted = (quote: string | undefined, value: string): string =>
  quote === "'" && !/[\n\r]/.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);

function insert(text: string, holder: Node | null, path: PlanPath, step: Step, value: unknown): string {
  const eol = eolOf(text);
  if (!isCollection(holder) || holder.flow || holder.items.length === 0) {
    const whole =
      typeof step === 'number' ? [...listOf(holder), value] : { ...groupOf(holder), [step]: value };
    const block = path.length === 1 && !flat(value) && (!isCollection(holder) || holder.items.length === 0);
    return block ? asBlock(text, holder, whole, eol) : rewrite(text, path, holder, whole);
  }
  const column = columnOf(text, startOf(holder.items[0]), isSeq(holder));
  const lines = isSeq(holder) ? blockText([value], column, eol) : blockText({ [step]: value }, column, eol);
  const at = lineEnd(text, endOf(holder));
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') || before === '' ? '' : eol}${lines}${text.slice(at)}`;
}

const flat = (value: unknown): boolean => value === null || typeof value !== 'object' || Array.isArray(value);

/** `machines: []` becomes a list written line by line. */
function asBlock(text: string, node: Node | null, value: unknown, eol: string): string {
  const [start, end] = node?.range ?? [0, 0];
  return `${text.slice(0, start).trimEnd()}${eol}${blockText(value, 2, eol)}${text.slice(lineEnd(text, end))}`;
}

const listOf = (node: Node | null): unknown[] => (isSeq(node) ? (node.toJSON() as unknown[]) : []);
const groupOf = (node: Node | null): object => (isMap(node) ? (node.toJSON() as object) : {});

function without(node: Node | null, step: Step): unknown {
  if (typeof step === 'number') return listOf(node).toSpliced(step, 1);
  return Object.fromEntries(Object.entries(groupOf(node)).filter(([key]) => key !== step));
}

function linesOf(text: string, node: Node, index: number): [number, number] {
  const items = (node as unknown as { items: unknown[] }).items;
  const start = startOf(items[index]);
  const end = lineEnd(text, endOf(items[index]));
  const from = lineStart(text, start);
  const sharesDash = isMap(node) && /-\s*$/.test(text.slice(from, start));
  if (sharesDash) return [start, startOf(items[index + 1])]; // the next field moves up behind the dash
  return [index > 0 && isSeq(node) ? commentStart(text, from) : from, end];
}

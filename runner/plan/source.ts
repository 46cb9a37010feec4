/** The text of a plan with its positions: where in the file is the value at a path? */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { Place } from '../errors.ts';
import type { PlanIssue, PlanPath } from './issue.ts';

export interface Source {
  file: string;
  document: Document.Parsed;
  lines: LineCounter;
  /** Plain data; undefined when the text is not YAML. */
  data: unknown;
  issues: PlanIssue[];
}

export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const source: Source = { file, document, lines, data: undefined, issues: [] };
  for (const problem of [...document.errors, ...document.warnings]) {
    const what = `this is not YAML: ${problem.message.replace(/\.?$/, '')}`;
    const next = 'correct the line; look at its indentation, its colons and its quotes';
    source.issues.push({ path: [], place: placeAt(source, problem.pos[0]), what, next });
  }
  if (source.issues.length === 0) readData(source);
  return source;
}

/** Aliases are resolved here, and may be wrong here. */
function readData(source: Source): void {
  try {
    source.data = source.document.toJS();
  } catch (error) {
    const what = `this is not YAML: ${error instanceof Error ? error.message : String(error)}`;
    source.issues.push({
      path: [],
      place: placeAt(source, 0),
      what,
      next: 'write the value out instead of the alias',
    });
  }
}

function placeAt(source: Source, offset: number): Place {
  const { line, col } = source.lines.linePos(offset);
  return { file: source.file, line: Math.max(1, line), column: Math.max(1, col) };
}

/**
 * The place of the value at a path; of its key when `at` is `key`. A value that is not there has the place of
 * what it is missing from.
 */
export function placeOf(source: Source, path: PlanPath, at: 'value' | 'key' = 'value'): Place {
  let node: Node | null = source.document.contents;
  let offset = startOf(node);
  for (const [index, step] of path.entries()) {
    const found = childOf(source, node, step);
    if (!found) break;
    const key = startOf(found.key) ?? startOf(found.value);
    const value = startOf(found.value) ?? key;
    const asKey =
      index === path.length - 1
        ? at === 'key'
        : !isMap(found.value) || isMissing(found.value, path[index + 1]);
    offset = (asKey ? key : value) ?? offset;
    node = found.value;
  }
  return placeAt(source, offset ?? 0);
}

interface Found {
  key: Node | null;
  value: Node | null;
}

function childOf(source: Source, node: Node | null, step: string | number): Found | undefined {
  const target = isAlias(node) ? (node.resolve(source.document) ?? null) : node;
  if (isSeq(target) && typeof step === 'number') {
    const item = target.items[step] as Node | undefined;
    return item ? { key: null, value: item } : undefined;
  }
  if (!isMap(target)) return undefined;
  const pair = target.items.find(item => isScalar(item.key) && String(item.key.value) === String(step));
  return pair ? ({ key: pair.key, value: pair.value } as Pair<Node, Node | null>) : undefined;
}

const isMissing = (node: Node | null, step: string | number | undefined): boolean =>
  isMap(node) && typeof step === 'string' && !node.has(step);

const startOf = (node: Node | null): number | undefined => node?.range?.[0];

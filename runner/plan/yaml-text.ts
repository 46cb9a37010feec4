/** Positions in a YAML text, and pieces of new text to put there. Knows nothing of plans. */
import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
} from 'yaml';

/** Any data; what cannot be read is nothing. */
export function plainData(text: string): Record<string, unknown> {
  try {
    const data: unknown = parseDocument(text).toJS();
    return data && typeof data === 'object' ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** As it may stand inside `[…]` too. */
export function flowText(value: unknown): string {
  const list = stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 });
  return list.trimEnd().slice(1, -1);
}

/** Lines at an indentation; lists of plain values in one line, as `kfs plan init` writes them. */
export function blockText(value: unknown, column: number, eol: string): string {
  const document = parseDocument('');
  document.contents = document.createNode(value) as Document.Parsed['contents'];
  const flatten = (node: unknown): void => {
    if (!isCollection(node)) return;
    if (isSeq(node) && node !== document.contents && node.items.every(isScalar)) node.flow = true;
    for (const item of node.items) flatten(isMap(node) ? (item as { value: unknown }).value : item);
  };
  flatten(document.contents);
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false, indent: 2 });
  return text.replace(/^(?=.)/gm, ' '.repeat(column)).replaceAll('\n', eol);
}

export const keyOf = (pair: unknown): string => {
  const { key } = pair as { key: unknown };
  return isScalar(key) ? String(key.value) : '';
};

export const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

export const startOf = (item: unknown): number => {
  const node = ((item as { key?: Node }).key ?? item) as Node;
  return node.range?.[0] ?? 0;
};

/** The end of the last thing written in a node, without what follows it. */
export function endOf(item: unknown): number {
  const pair = item as { key?: Node; value?: Node | null };
  const node = (
    pair.key
      ? pair.value?.range && pair.value.range[1] > (pair.key.range?.[1] ?? 0)
        ? pair.value
        : pair.key
      : item
  ) as Node;
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  return node.range?.[1] ?? 0;
}

/** Just after the line break of the line that a position is on. */
export function lineEnd(text: string, position: number): number {
  const found = text.indexOf('\n', position);
  return found < 0 ? text.length : found + 1;
}

export const lineStart = (text: string, position: number): number => text.lastIndexOf('\n', position - 1) + 1;

/** Of an item's dash, or of a key. */
export function columnOf(text: string, start: number, dash: boolean): number {
  const before = text.slice(lineStart(text, start), start);
  return dash ? before.lastIndexOf('-') : before.length;
}

/** Comment lines directly above an item, down to an empty line or a line of another item. */
export function commentStart(text: string, from: number): number {
  const above = lineStart(text, from - 1);
  if (from === 0 || !/^\s*#/.test(text.slice(above, from))) return from;
  return commentStart(text, above);
}

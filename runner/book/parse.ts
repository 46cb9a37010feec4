/**
 * One chapter's source as the parts that the compiler and the rules look at. The tree is the one that the site
 * renders from (`mdxToMdast` of Sätteri with the same features), so text and anchors cannot differ from the page.
 */

import { type MdastNode, mdxToMdast } from 'satteri';
import { parseDocument } from 'yaml';
import type { Place } from '../errors.ts';
import type { Finding } from './finding.ts';
import { Slugger } from './slug.ts';

/** The features that the site's Markdown processor has on; anchors depend on them (`--` becomes one dash). */
const FEATURES = { frontmatter: true, gfm: true, directive: true, smartPunctuation: true } as const;

export interface Fence {
  lang: string;
  /** As written after the language, no backslash or entity interpreted. */
  meta: string;
  /** Column of `meta` in its line, 1-based. */
  metaColumn: number;
  /** Verbatim but for the fence's own indentation and CRLF; with a final newline unless empty. */
  text: string;
  /** Where the opening fence stands. */
  place: Place;
  /** Last line of the block, 1-based. */
  endLine: number;
  closed: boolean;
  heading: { text: string; anchor: string };
}

export interface Heading {
  depth: number;
  text: string;
  anchor: string;
  place: Place;
}

export interface Link {
  url: string;
  place: Place;
}

/** `<Term>quorum</Term>`, or `<Term of="quorum">a majority</Term>`: the name that the glossary must have. */
export interface Term {
  name: string;
  place: Place;
}

export interface ParsedChapter {
  file: string;
  /** As on disk. */
  source: string;
  /** Source without `\r`, by line. */
  lines: string[];
  front: Record<string, unknown>;
  fences: Fence[];
  headings: Heading[];
  links: Link[];
  terms: Term[];
  /** Ids that the page has beside its headings', from elements written in it. */
  ids: string[];
  findings: Finding[];
}

type Node = MdastNode & { children?: MdastNode[]; value?: string };

/** Never throws for what an author can write: a syntax error is a finding with its place. */
export function parseChapter(source: string, file: string): ParsedChapter {
  const chapter: ParsedChapter = {
    file,
    source,
    lines: source
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
      .split('\n'),
    front: {},
    fences: [],
    headings: [],
    links: [],
    terms: [],
    ids: [],
    findings: [],
  };
  try {
    walk(mdxToMdast(chapter.lines.join('\n'), { features: FEATURES }) as Node, chapter, new Slugger());
  } catch (error) {
    chapter.findings.push(syntaxFinding(error, file));
  }
  return chapter;
}

function walk(node: Node, chapter: ParsedChapter, slugger: Slugger): void {
  if (node.type === 'yaml') readFront(node, chapter);
  else if (node.type === 'heading') addHeading(node, chapter, slugger);
  else if (node.type === 'code') chapter.fences.push(toFence(node, chapter));
  else if (node.type === 'link' || node.type === 'definition' || node.type === 'image')
    chapter.links.push({ url: node.url, place: placeOf(node, chapter.file) });
  else if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') readElement(node, chapter);
  for (const child of node.children ?? []) walk(child as Node, chapter, slugger);
}

function readFront(node: Node, chapter: ParsedChapter): void {
  const document = parseDocument(node.value ?? '');
  const error = document.errors[0];
  if (error) {
    const position = error.linePos?.[0];
    chapter.findings.push({
      place: { file: chapter.file, line: (position?.line ?? 1) + 1, column: position?.col ?? 1 },
      rule: 'frontmatter',
      what: 'the frontmatter is not YAML',
      why: (error.message.split('\n')[0] ?? '').replace(/:$/, ''),
      mend: 'quote the value',
    });
    return;
  }
  const value: unknown = document.toJS();
  if (value && typeof value === 'object') chapter.front = value as Record<string, unknown>;
}

function addHeading(node: Node & { type: 'heading' }, chapter: ParsedChapter, slugger: Slugger): void {
  const text = textOf(node);
  chapter.headings.push({
    depth: node.depth,
    text,
    anchor: slugger.slug(text),
    place: placeOf(node, chapter.file),
  });
}

/** What the page's own text of a node is: the site makes anchors from it. */
function textOf(node: Node): string {
  if (node.type === 'image' || node.type === 'footnoteReference') return '';
  return node.children ? node.children.map(child => textOf(child as Node)).join('') : (node.value ?? '');
}

function toFence(node: Node & { type: 'code' }, chapter: ParsedChapter): Fence {
  const place = placeOf(node, chapter.file);
  const endLine = node.position?.end.line ?? place.line;
  const opening = (chapter.lines[place.line - 1] ?? '').slice(place.column - 1);
  const ticks = /^(`+|~+)\s*/.exec(opening)?.[0] ?? '';
  const metaAt = ticks.length + (node.lang?.length ?? 0);
  const blanks = /^\s*/.exec(opening.slice(metaAt))?.[0].length ?? 0;
  const value = (node.value ?? '').replaceAll('\r\n', '\n');
  const heading = chapter.headings.at(-1);
  return {
    lang: node.lang ?? '',
    meta: node.meta ? opening.slice(metaAt + blanks).trimEnd() : '',
    metaColumn: place.column + metaAt + blanks,
    text: value === '' ? '' : `${value}\n`,
    place,
    endLine,
    closed: isClosed(ticks.trim(), chapter.lines[endLine - 1] ?? '', endLine > place.line),
    heading: heading ? { text: heading.text, anchor: heading.anchor } : { text: '', anchor: '_top' },
  };
}

const isClosed = (ticks: string, lastLine: string, severalLines: boolean): boolean =>
  severalLines && lastLine.trimEnd().endsWith(ticks);

type Element = Node & { type: 'mdxJsxFlowElement' | 'mdxJsxTextElement' };

function attributeOf(node: Element, name: string): string | undefined {
  const found = node.attributes.find(each => each.type === 'mdxJsxAttribute' && each.name === name);
  return typeof found?.value === 'string' ? found.value : undefined;
}

function readElement(node: Element, chapter: ParsedChapter): void {
  const place = placeOf(node as Node, chapter.file);
  if (node.name === 'Term') chapter.terms.push({ name: attributeOf(node, 'of') ?? textOf(node), place });
  for (const attribute of node.attributes) {
    if (attribute.type !== 'mdxJsxAttribute' || typeof attribute.value !== 'string') continue;
    if (attribute.name === 'href') chapter.links.push({ url: attribute.value, place });
    if (attribute.name === 'id') chapter.ids.push(attribute.value);
  }
}

function placeOf(node: Node, file: string): Place {
  return { file, line: node.position?.start.line ?? 1, column: node.position?.start.column ?? 1 };
}

/** The parser's message begins with `line:column:`. */
function syntaxFinding(error: unknown, file: string): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const match = /^(\d+):(\d+): ([\s\S]*)$/.exec(message);
  return {
    place: { file, line: Number(match?.[1] ?? 1), column: Number(match?.[2] ?? 1) },
    rule: 'syntax',
    what: 'the chapter is not valid MDX',
    why: match?.[3] ?? message,
    mend: 'close the element, or write `{"{"}` or `&lt;` for the character itself',
  };
}

/** Ports on loopback, from the pictures "What we have now" of the chapters: nothing else in a chapter names them all. */
import { type MdastNode, mdxToMdast } from 'satteri';

export interface LoopbackRow {
  process: string;
  user: string;
  /** `2381 health`. */
  port: string;
}

interface Process {
  name: string;
  user: string;
  inside?: string[];
}

type Element = MdastNode & {
  name?: string | null;
  attributes?: { type: string; name?: string; value?: unknown }[];
  children?: MdastNode[];
};

/** Each process once, as the last picture in the book has it that shows its ports. */
export function loopbackPorts(sources: string[]): LoopbackRow[] {
  const processes = new Map<string, Process>();
  for (const source of sources)
    for (const process of picturesOf(
      mdxToMdast(source, { features: { frontmatter: true, gfm: true } }) as Element,
    ))
      if (process.inside) processes.set(process.name, process);
  return [...processes.values()].flatMap(({ name, user, inside = [] }) =>
    inside.map(port => ({ process: name, user, port })),
  );
}

function picturesOf(node: Element): Process[] {
  const own =
    node.name === 'MachineNow' ? (node.attributes ?? []).filter(({ name }) => name === 'processes') : [];
  return [
    ...own.flatMap(({ value }) => evaluate((value as { value: string }).value)),
    ...(node.children ?? []).flatMap(child => picturesOf(child as Element)),
  ];
}

/** The list is written as JavaScript on the page, which runs when the page is built; here it runs alone. */
const evaluate = (expression: string): Process[] => new Function(`return (${expression})`)() as Process[];

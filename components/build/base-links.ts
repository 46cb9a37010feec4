/**
 * Chapters link to `/part/chapter/#anchor` and to files as `/file`, from the root of the book. This Markdown plugin
 * puts the path before them under which the site is served.
 */
import { defineMdastPlugin, type MdastPluginEntry } from 'satteri';

/** `base` as Astro has it: `/` or `/book/`. */
export function baseLinks(base: string): MdastPluginEntry {
  const prefix = base.replace(/\/+$/, '');
  if (prefix === '') return null;
  return defineMdastPlugin({
    name: 'base-links',
    link: (node, context) => rebase(node.url, url => context.setProperty(node, 'url', url)),
    image: (node, context) => rebase(node.url, url => context.setProperty(node, 'url', url)),
    definition: (node, context) => rebase(node.url, url => context.setProperty(node, 'url', url)),
    mdxJsxFlowElement: node => rebaseElement(node) as never,
    mdxJsxTextElement: node => rebaseElement(node) as never,
  });

  function rebase(url: string, set: (url: string) => void): void {
    if (isFromRoot(url)) set(prefix + url);
  }

  /** `<a href="/…">` and `<img src="/…">` as written in MDX. An element's attributes cannot be set, so it is made anew. */
  function rebaseElement(node: Readonly<JsxElement>): JsxElement | undefined {
    const isOurs = (attribute: JsxElement['attributes'][number]): boolean =>
      (attribute.name === 'href' || attribute.name === 'src') &&
      typeof attribute.value === 'string' &&
      isFromRoot(attribute.value) &&
      !attribute.value.startsWith(`${prefix}/`);
    if (!node.attributes.some(isOurs)) return undefined;
    return {
      type: node.type,
      name: node.name,
      children: node.children,
      attributes: node.attributes.map(attribute =>
        isOurs(attribute) ? { ...attribute, value: prefix + (attribute.value as string) } : attribute,
      ),
    };
  }
}

interface JsxElement {
  type: string;
  name: string | null;
  attributes: { type: string; name?: string; value?: unknown }[];
  children: unknown[];
}

const isFromRoot = (url: string): boolean => url.startsWith('/') && !url.startsWith('//');

/** Addresses: of chapters, from their file names, and of headings, as the site's Markdown processor makes them. */
import Slugger from 'github-slugger';

export { Slugger };

/**
 * `one-machine/03-etcd.mdx` -> `one-machine/etcd`: no extension, no `nn-` before a name, no `index` at the end.
 * The site's loader uses it too, so that a page's address is its chapter's slug. The start page is ``.
 */
export function slugOfFile(path: string): string {
  const names = path.replace(/\.mdx?$/, '').split('/');
  if (names.at(-1) === 'index') names.pop();
  return names.map(name => name.replace(/^\d+-/, '')).join('/');
}

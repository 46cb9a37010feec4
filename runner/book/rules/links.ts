/** Rule `link`: a link inside the book leads to a page that is written, and its anchor to something on that page. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import type { Link } from '../parse.ts';

export interface Site {
  chapters: readonly CompiledChapter[];
  /** Pages that are no chapters, by address without slashes at its ends; the start page is ``. */
  pages: readonly CompiledChapter[];
  /** Addresses of pages that are not written in Markdown: the plan, the progress. */
  programs: readonly string[];
  /** Chapters of the outline that are not written yet. */
  unwritten: readonly string[];
  /** Files that the site gives out, from its root: `favicon.svg`. */
  files: readonly string[];
  /** Anchors that a page has beside those in its source, by address. */
  anchors: Readonly<Record<string, readonly string[]>>;
}

export const links = (site: Site) => {
  const pages = new Map([...site.chapters, ...site.pages].map(page => [page.chapter.slug, page]));
  return (chapter: CompiledChapter): Finding[] =>
    chapter.parsed.links.flatMap(link => {
      const problem = isOutside(link.url) ? null : linkProblem(link.url, chapter, pages, site);
      return problem ? [toFinding(link, problem)] : [];
    });
};

interface Problem {
  what: string;
  mend: string;
}

const isOutside = (url: string): boolean => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url) || url === '';

function linkProblem(
  url: string,
  chapter: CompiledChapter,
  pages: ReadonlyMap<string, CompiledChapter>,
  site: Site,
): Problem | null {
  const [path = '', anchor] = url.split('#', 2) as [string, string?];
  if (path === '') return anchorProblem(chapter, anchor ?? '', site);
  if (!path.startsWith('/'))
    return { what: 'is relative', mend: 'write it from the root of the book: /part/chapter/' };
  const address = path.split('?')[0]?.replace(/^\/|\/$/g, '') ?? '';
  if (site.files.includes(address)) return null;
  if (site.unwritten.includes(address))
    return { what: 'leads to a chapter that is not written yet', mend: 'name the chapter without a link' };
  const page = pages.get(address);
  if (!page && !site.programs.includes(address))
    return { what: 'leads nowhere', mend: `pages are ${nearest(address, [...pages.keys()])}` };
  if (!path.endsWith('/')) return { what: 'has no slash at its end', mend: `write ${path}/` };
  return page && anchor !== undefined ? anchorProblem(page, anchor, site) : null;
}

function anchorProblem(page: CompiledChapter, anchor: string, site: Site): Problem | null {
  const { parsed, chapter, steps } = page;
  const anchors = [
    '_top',
    ...parsed.headings.map(heading => heading.anchor),
    ...parsed.ids,
    ...steps.map(step => `step-${step.id}`),
    ...(site.anchors[chapter.slug] ?? []),
  ];
  if (anchor === '') return { what: 'has an empty anchor', mend: 'name one, or drop the #' };
  if (anchors.includes(decodeURIComponent(anchor))) return null;
  return {
    what: `names an anchor that /${chapter.slug}/ has not`,
    mend: `it has ${nearest(anchor, anchors.slice(1))}`,
  };
}

/** Up to three that begin alike, else the first three. */
function nearest(wanted: string, all: readonly string[]): string {
  const score = (one: string): number => {
    let same = 0;
    while (same < one.length && one[same] === wanted[same]) same++;
    return same;
  };
  const sorted = all.filter(one => one !== '').sort((a, b) => score(b) - score(a));
  return sorted.length === 0 ? 'none' : sorted.slice(0, 3).join(', ');
}

const toFinding = (link: Link, problem: Problem): Finding => ({
  place: link.place,
  rule: 'link',
  what: `the link to ${link.url} ${problem.what}`,
  why: 'the reader would be lost',
  mend: problem.mend,
});

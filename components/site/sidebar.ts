/** Starlight's sidebar from the outline: only what is written, so that previous and next follow the book. */
import type { StarlightUserConfig } from '@astrojs/starlight/types';
import type { ShownOutline } from './outline.ts';

export function sidebarOf(outline: ShownOutline, withOutlinePage: boolean): StarlightUserConfig['sidebar'] {
  const parts = outline.parts
    .map(part => ({ ...part, chapters: part.chapters.filter(chapter => chapter.written) }))
    .filter(part => part.chapters.length > 0)
    .map(part => ({
      label: part.title,
      items: part.chapters.map(chapter => ({
        slug: chapter.slug,
        label: chapter.title,
        attrs: { 'data-chapter': chapter.slug, 'data-number': chapter.number },
      })),
    }));
  return withOutlinePage ? [{ slug: 'outline', label: 'The whole book' }, ...parts] : parts;
}

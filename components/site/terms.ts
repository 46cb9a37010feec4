/**
 * `<Term>quorum</Term>` in a chapter, with no import: a link to the glossary that shows the definition on hover and
 * focus. `<Term of="quorum">a majority</Term>` when the text words it differently. An unknown term stops the build.
 */
import { defineMdastPlugin } from 'satteri';
import { findTerm, type GlossaryTerm } from '../../runner/book/glossary.ts';
import { pieces } from './pieces.ts';

const GLOSSARY = '/appendices/glossary/';

export function termsPlugin(glossary: GlossaryTerm[]) {
  return () => {
    let count = 0;
    return defineMdastPlugin({
      name: 'terms',
      options: { position: true },
      mdxJsxTextElement(node, ctx) {
        if (node.name !== 'Term') return;
        const shown = ctx.textContent(node);
        const named = node.attributes.find(
          attribute => attribute.type === 'mdxJsxAttribute' && attribute.name === 'of',
        );
        const name = named && typeof named.value === 'string' ? named.value : shown;
        const term = findTerm(glossary, name);
        if (!term)
          throw new Error(
            `${ctx.fileURL?.pathname}:${node.position?.start.line}: "${name}" is not in the glossary`,
          );
        const id = `term-${++count}`;
        return element('span', { class: 'term' }, [
          element('a', { href: `${GLOSSARY}#${term.id}`, 'aria-describedby': id }, [...node.children]),
          element(
            'span',
            { class: 'definition', role: 'tooltip', id, 'data-pagefind-ignore': '' },
            inline(term.text),
          ),
        ]);
      },
    });
  };
}

type Children = { type: string }[];

function element(name: string, attributes: Record<string, string>, children: Children): never {
  return {
    type: 'mdxJsxTextElement',
    name,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      type: 'mdxJsxAttribute',
      name: key,
      value,
    })),
    children,
  } as never;
}

const inline = (text: string): Children =>
  pieces(text).map(piece => ({ type: piece.code ? 'inlineCode' : 'text', value: piece.text }));

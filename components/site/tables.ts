/**
 * Tables: each cell gets the name of its column, so that on a phone a row can be read without its head; a head with
 * no words in it is taken away, and an empty corner is no heading.
 */
import { defineHastPlugin } from 'satteri';

interface Element {
  type: 'element';
  tagName: string;
  properties?: Record<string, unknown>;
  children: Element[];
}

export const tables = defineHastPlugin({
  name: 'tables',
  element: {
    filter: ['table'],
    visit(node, ctx) {
      const table = node as unknown as Element;
      const headings = find(table, 'th');
      const heads = headings.map(head => ctx.textContent(head as never).trim());
      if (heads.every(head => head === ''))
        for (const head of find(table, 'thead')) ctx.removeNode(head as never);
      else
        for (const [i, head] of headings.entries())
          if (!heads[i]) ctx.replaceNode(head as never, emptyCell() as never);
      for (const row of find(table, 'tr')) {
        for (const [column, cell] of find(row, 'td').entries()) {
          const label = heads[column];
          if (column > 0 && label) ctx.setProperty(cell as never, 'data-label', label);
        }
      }
    },
  },
});

const emptyCell = () => ({ type: 'element', tagName: 'td', properties: {}, children: [] });

function find(element: Element, name: string): Element[] {
  return element.children
    .filter(child => child.type === 'element')
    .flatMap(child => (child.tagName === name ? [child] : find(child, name)));
}

/** A book of one's own need not have a start page: then its outline is one. */
import type { AstroIntegration } from 'astro';

export function startPage(): AstroIntegration {
  return {
    name: 'start-page',
    hooks: {
      'astro:config:setup': ({ injectRoute }) => {
        injectRoute({ pattern: '/', entrypoint: './components/prose/StartPage.astro', prerender: true });
      },
    },
  };
}

/** The book's page for addresses that it does not have, where file servers look for it: `404.html`. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { AstroIntegration } from 'astro';

export function notFoundPage(): AstroIntegration {
  return {
    name: 'not-found-page',
    hooks: {
      'astro:build:done': async ({ dir }) => {
        const page = new URL('404/index.html', dir);
        if (!existsSync(page)) return;
        await rename(page, new URL('404.html', dir));
        await rm(new URL('404/', dir), { recursive: true });
      },
    },
  };
}

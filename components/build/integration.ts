/**
 * The book in the site's build: an invalid book stops it, with every problem at its line, and the manifest is
 * written beside the pages, so that runner and page speak of the same steps.
 */
import { writeFile } from 'node:fs/promises';
import type { AstroIntegration } from 'astro';
import { compileBook } from '../../runner/book/compile.ts';
import type { Manifest } from '../../runner/book/manifest.ts';
import { formatError } from '../../runner/errors.ts';

export { baseLinks } from './base-links.ts';
export { stepsPlugin } from './steps-plugin.ts';

/** `book` holds `content/docs`, or is that folder. Writes `manifest.json`; in development it is served afresh. */
export function bookSteps({ book }: { book: string }): AstroIntegration {
  let manifest: Manifest | undefined;
  return {
    name: 'book-steps',
    hooks: {
      'astro:build:start': async () => {
        manifest = await compileBook(book).catch(asBuildError);
      },
      'astro:build:done': async ({ dir }) => {
        if (manifest) await writeFile(new URL('manifest.json', dir), `${JSON.stringify(manifest)}\n`);
      },
      'astro:server:setup': ({ server }) => {
        server.middlewares.use('/manifest.json', (_request, response) => {
          compileBook(book).then(
            fresh => response.setHeader('content-type', 'application/json').end(JSON.stringify(fresh)),
            error =>
              response
                .writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
                .end(formatError(error)),
          );
        });
      },
    },
  };
}

/** Astro prints the message only: it has all of it. */
function asBuildError(error: unknown): never {
  throw new Error(formatError(error));
}

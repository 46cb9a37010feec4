import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { satteri } from '@astrojs/markdown-satteri';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { baseLinks, bookSteps, stepsPlugin } from './components/build/integration.ts';
import { searchIndex } from './components/build/search-index.ts';
import { bookModule } from './components/site/book-module.ts';
import { glossaryOf } from './components/site/glossary.ts';
import { inlineCode } from './components/site/inline-code.ts';
import { loopbackPorts } from './components/site/loopback.ts';
import { notFoundPage } from './components/site/not-found.ts';
import { openedPorts } from './components/site/opened-ports.ts';
import { shownOutline } from './components/site/outline.ts';
import { siteSettings } from './components/site/settings.ts';
import { sidebarOf } from './components/site/sidebar.ts';
import { startPage } from './components/site/start-page.ts';
import { tables } from './components/site/tables.ts';
import { termsPlugin } from './components/site/terms.ts';
import { readTimes } from './components/site/times.ts';
import { placeOf, writtenFiles } from './components/site/written-files.ts';
import { readBook } from './runner/book/compile.ts';
import { readBenchmark } from './runner/cis/controls.ts';

const site = siteSettings();
const read = await readBook(site.book);
const outline = shownOutline(site.book, read);
const glossary = glossaryOf(site);
const shown = {
  outline,
  glossary,
  files: writtenFiles(read.manifest),
  ports: openedPorts(read.manifest),
  loopback: loopbackPorts(read.chapters.map(({ parsed }) => parsed.source)),
  times: readTimes(site.book, read.manifest),
  benchmark: readBenchmark(site.book),
  steps: Object.fromEntries(
    read.manifest.steps.map(step => [step.id, placeOf(step, read.manifest.chapters).href]),
  ),
};
const hasPage = name => existsSync(join(site.docs, name));
const override = name => `./components/overrides/${name}.astro`;

export default defineConfig({
  srcDir: '.',
  outDir: site.out,
  cacheDir: site.cache,
  base: site.base,
  trailingSlash: 'always',
  markdown: {
    processor: satteri({
      mdastPlugins: [stepsPlugin({ book: site.book }), termsPlugin(glossary), baseLinks(site.base)],
      hastPlugins: [inlineCode, tables],
    }),
  },
  integrations: [
    bookSteps({ book: site.book }),
    ...(hasPage('index.mdx') || hasPage('index.md') ? [] : [startPage()]),
    notFoundPage(),
    starlight({
      title: outline.title,
      description: 'From bare machines to a Kubernetes cluster in which you understand every file.',
      favicon: '/favicon.svg',
      disable404Route: hasPage('404.mdx'),
      markdown: { processedDirs: [site.docs] },
      sidebar: sidebarOf(outline, hasPage('outline.mdx')),
      customCss: ['fonts', 'tokens', 'prose', 'frame', 'step', 'term', 'picture', 'cover', 'print'].map(
        name => `./styles/${name}.css`,
      ),
      components: Object.fromEntries(
        ['Head', 'Header', 'PageTitle', 'Sidebar', 'Footer'].map(name => [name, override(name)]),
      ),
    }),
    searchIndex(),
  ],
  vite: {
    plugins: [bookModule(shown)],
    build: {
      rolldownOptions: {
        onLog(level, log, handler) {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handler(level, log);
        },
      },
    },
  },
});

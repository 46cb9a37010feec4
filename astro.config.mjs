import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { satteri } from '@astrojs/markdown-satteri';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { readOutline } from './components/site/outline.ts';
import { siteSettings } from './components/site/settings.ts';
import { sidebarOf } from './components/site/sidebar.ts';

const site = siteSettings();
const outline = readOutline(site);
const hasPage = name => existsSync(join(site.docs, name));

export default defineConfig({
  srcDir: '.',
  outDir: site.out,
  cacheDir: site.cache,
  base: site.base,
  trailingSlash: 'always',
  markdown: { processor: satteri({}) },
  integrations: [
    starlight({
      title: outline.title,
      disable404Route: hasPage('404.mdx'),
      markdown: { processedDirs: [site.docs] },
      sidebar: sidebarOf(outline, hasPage('outline.mdx')),
      expressiveCode: { tabWidth: 0, frames: { removeCommentsWhenCopyingTerminalFrames: false } },
    }),
  ],
  vite: {
    build: {
      rolldownOptions: {
        onLog(level, log, handler) {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handler(level, log);
        },
      },
    },
  },
});

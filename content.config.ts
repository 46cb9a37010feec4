import { defineCollection } from 'astro:content';
import { i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { glob } from 'astro/loaders';
import { directoryUrl, pageId, siteSettings } from './components/site/settings.ts';

const site = siteSettings();

export const collections = {
  docs: defineCollection({
    loader: glob({
      base: directoryUrl(site.docs),
      pattern: '**/[^_]*.{md,mdx}',
      generateId: ({ entry }) => pageId(entry),
    }),
    schema: docsSchema(),
  }),
  i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
};

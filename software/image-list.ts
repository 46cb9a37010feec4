/** `images.yaml`: which images are made, of which programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Component } from './component.ts';

const schema = z.record(
  z.string(),
  z.strictObject({
    /** Its version is the image's tag. */
    component: z.string(),
    /** Path in the image → `<component>/<program>`. */
    files: z.record(z.string().startsWith('/'), z.string()),
    entrypoint: z.array(z.string()),
    /** `uid:gid` */
    user: z.string().regex(/^\d+:\d+$/),
  }),
);

export type Image = z.infer<typeof schema>[string] & { name: string; version: string };

export function loadImages(
  components: Component[],
  file = join(import.meta.dirname, 'images.yaml'),
): Image[] {
  const versions = new Map(components.map(({ name, version }) => [name, version]));
  return Object.entries(schema.parse(parse(readFileSync(file, 'utf8')))).map(([name, image]) => {
    const version = versions.get(image.component);
    if (!version)
      throw new Error(`${file}: image ${name} is of component ${image.component}, which does not exist`);
    return { ...image, name, version };
  });
}

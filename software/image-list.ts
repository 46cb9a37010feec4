/** `images.yaml`: which images are made, of which programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KfsError } from '../runner/errors.ts';
import { type Component, filesOf } from './component.ts';
import { mirrorPath } from './pinned.ts';

const schema = z.record(
  z.string(),
  z.strictObject({
    /** Its version is the image's tag. */
    component: z.string(),
    /** Path in the image → `<component>/<program>`. */
    files: z.record(z.string().startsWith('/'), z.string()),
    /** Path of a file in the image → further names for it, in the same folder. */
    names: z.record(z.string().startsWith('/'), z.array(z.string())).default({}),
    entrypoint: z.array(z.string()),
    /** What the entrypoint is told when a pod says nothing. */
    command: z.array(z.string()).optional(),
    /** `uid:gid` */
    user: z.string().regex(/^\d+:\d+$/),
  }),
);

export type Image = z.infer<typeof schema>[string] & {
  name: string;
  version: string;
  /** Path in the image → path in the mirror. */
  sources: Record<string, string>;
  /** Whether all of it is built from source, so that its digest is always the same. */
  reproducible: boolean;
};

/** `images/<name>/<version>`: the path in the mirror. */
export const imagePath = ({ name, version }: Pick<Image, 'name' | 'version'>): string =>
  `images/${name}/${version}`;

/** Whether something is in it that is made only when it is asked for. */
export const isOptional = (image: Image, components: Component[]): boolean =>
  components.some(
    component =>
      component.optional &&
      Object.values(image.sources).some(path => path.startsWith(mirrorPath(component, ''))),
  );

/** Throws `software-invalid` for an image of a program that no component has. */
export function loadImages(
  components: Component[],
  file = join(import.meta.dirname, 'images.yaml'),
): Image[] {
  const find = (image: string, name: string): Component => {
    const found = components.find(component => component.name === name);
    if (found) return found;
    throw invalid(`${file}: image ${image} is of component ${name}, which does not exist`);
  };
  const read = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) throw invalid(`${file}: ${z.prettifyError(read.error)}`);
  return Object.entries(read.data).map(([name, image]) => {
    const sources = Object.entries(image.files).map(([path, source]) => {
      const [owner = '', program = ''] = source.split('/');
      const component = find(name, owner);
      if (!filesOf(component).includes(program))
        throw invalid(`${file}: image ${name} has ${source}, which is not built`);
      return [path, mirrorPath(component, program)];
    });
    const { version } = find(name, image.component);
    const owners = Object.values(image.files).map(source => find(name, source.split('/')[0] ?? ''));
    const reproducible = owners.every(({ go }) => go !== undefined);
    return { ...image, name, version, sources: Object.fromEntries(sources), reproducible };
  });
}

const invalid = (what: string): KfsError =>
  new KfsError('software-invalid', what, {
    next: 'mend the file; software/image-list.ts says what it may hold',
  });

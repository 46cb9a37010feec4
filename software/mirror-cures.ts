/** What to do about files of a mirror that are wrong: who can make which of them again. */
import { type Component, filesOf } from './component.ts';
import { type Image, imagePath } from './image-list.ts';
import { IMAGE_PATH } from './os-image/place.ts';
import { mirrorPath } from './pinned.ts';

/** Commands, and what is to be done by hand first, in one sentence; `files` are paths in the mirror. */
export function curesFor(files: string[], components: Component[], images: Image[]): string {
  const cures = files.map(file => cureFor(file, components, images));
  const named = cures.flatMap(({ component }) => component ?? []).filter(({ optional }) => optional);
  const commands = [
    ...(cures.some(({ component }) => component && !component.optional) ? ['kfs software build'] : []),
    ...new Set(named.map(({ name }) => `kfs software build ${name}`)),
    ...(cures.some(({ osImage }) => osImage) ? ['kfs image build'] : []),
  ];
  const foreign = [...new Set(cures.flatMap(({ folder }) => folder ?? []))];
  if (foreign.length > 0) {
    const what = `nothing here makes ${foreign.join(', ')}: fetch it again or remove it`;
    return [...commands, `${what}, then kfs mirror index`].join('; ');
  }
  return `${commands.join('; ')} puts that right`;
}

interface Cure {
  /** Building it puts the file right. */
  component?: Component;
  osImage?: boolean;
  /** Of a file that is not made here, such as an older version's: where it lies. */
  folder?: string;
}

function cureFor(file: string, components: Component[], images: Image[]): Cure {
  if (file.startsWith(`${IMAGE_PATH}/`)) return { osImage: true };
  const image = images.find(each => file.startsWith(`${imagePath(each)}/`));
  const paths = [file, ...Object.values(image?.sources ?? {})];
  const makers = components.filter(each => paths.some(path => isOf(each, path)));
  const component = makers.find(({ optional }) => optional) ?? makers[0];
  return component ? { component } : { folder: file.split('/').slice(0, 3).join('/') };
}

const isOf = (component: Component, path: string): boolean =>
  [...filesOf(component), 'SHA256SUMS', 'packages.txt'].some(name => mirrorPath(component, name) === path);

/** Takes files out of a Debian package, and writes down which version it was. */
import type { Work } from './build.ts';
import { APT_IN_TMP } from './builder/apt.ts';
import type { DebianRecipe } from './component.ts';

/**
 * apt checks the archive's signature. A version stands for itself and its rebuilds (`+b1`, `+deb13u1`). The files are
 * unpacked, no script of the package runs.
 */
const FETCH = `
set -eu
version=$2 package=$1; shift 2
${APT_IN_TMP}
apt-get -qq update
mkdir /tmp/package
cd /tmp/package
if ! apt-get -qq download "$package=$version*"; then
  echo "the archive has these; debian.version in component.yaml says which one is taken:" >&2
  apt-cache madison "$package" >&2
  exit 1
fi
dpkg-deb --show ./*.deb | tr '\\t' ' ' > /out/packages.txt
dpkg-deb --extract ./*.deb root
while [ $# -gt 0 ]; do
  install -m 0755 "root$2" "/out/$1"; shift 2
done
`;

export async function takeFromDebian(work: Work, recipe: DebianRecipe): Promise<void> {
  const { component, builder, draft, report, signal, log } = work;
  const tell = (done: number, text: string) => report({ phase: component.name, done, total: 100, text });
  tell(0, `fetching ${recipe.package} ${recipe.version}`);
  const files = Object.entries(recipe.files).flat();
  await builder.run(['sh', '-c', FETCH, 'fetch', recipe.package, recipe.version, ...files], {
    binds: [{ from: draft, to: '/out' }],
    signal,
    onLine: log,
    what: `fetching ${recipe.package} ${recipe.version} from Debian`,
  });
  tell(100, `${recipe.package} ${recipe.version}`);
}

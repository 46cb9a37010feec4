/** How far a Go build is, from what the go command prints. */
import type { Report } from './builder/cache.ts';

export interface CompileMeter {
  /** A line of `go list` (`stale <package>`, `go: downloading …`) or of `go build -v` (a package compiled). */
  line(text: string): void;
  /** All stale packages are known; `programs` are to be linked. */
  begin(programs: number): void;
  linked(program: string): void;
}

/** Linking a program takes about as long as compiling this many packages. */
const LINK = 30;

export function compileMeter(phase: string, report: Report): CompileMeter {
  const stale = new Set<string>();
  let total = 0;
  let done = 0;
  const tell = (text: string) => report({ phase, done: Math.min(done, total), total, text });
  return {
    line(text) {
      const [, found] = text.match(/^stale (\S+)$/) ?? [];
      const [, fetched] = text.match(/^go: downloading (.+)$/) ?? [];
      if (found) stale.add(found);
      else if (fetched) report({ phase: `modules of ${phase}`, done: 0, total: 1, text: fetched });
      else if (stale.delete(text)) {
        done += 1;
        tell(text);
      }
    },
    begin(programs) {
      total = stale.size + programs * LINK;
      tell(`${stale.size} packages to compile, ${programs} programs to link`);
    },
    linked(program) {
      done += LINK;
      tell(`${program} is linked`);
    },
  };
}

/** Rule `crlf`: a carriage return ends a command's last word, invisibly. */
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';

/** At the first one of each chapter. */
export function crlf({ parsed }: CompiledChapter): Finding[] {
  const at = parsed.source.indexOf('\r');
  if (at < 0) return [];
  const before = parsed.source.slice(0, at).split('\n');
  return [
    {
      place: { file: parsed.file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      rule: 'crlf',
      what: 'a line ends with CR LF',
      why: 'the shell takes the CR for a part of the last word',
      mend: 'save the file with LF line ends',
    },
  ];
}

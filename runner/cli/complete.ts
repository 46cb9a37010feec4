/** `kfs complete bash|zsh|fish|powershell`: prints the completion script; the script asks `kfs complete --` for words. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { CHECKOUT } from './context.ts';

export function register(program: Command): void {
  const completion = tab(program);
  for (const name of ['run', 'check', 'export']) {
    completion.commands.get(name)?.argument('what', async complete => suggest(complete), true);
  }
}

async function suggest(complete: (word: string, description: string) => void): Promise<void> {
  const { compileBook } = await import('../book/compile.ts');
  const manifest = await compileBook(CHECKOUT).catch(() => null);
  if (!manifest) return;
  for (const part of manifest.parts) complete(part.slug, part.title);
  for (const chapter of manifest.chapters) complete(chapter.slug, chapter.title);
  for (const step of manifest.steps) complete(step.id, step.heading.text);
}

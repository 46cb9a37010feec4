/**
 * The Content-Security-Policy of the site. What Starlight puts into its pages as inline scripts is allowed
 * by digest, collected from the built pages; nothing else inline may run, so that no output of a step and no
 * name in a plan can become a script.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script>/gi;
/** Data blocks (JSON, speculation rules apart) are never executed and need no digest. */
const EXECUTED =
  /\btype=(["']?)(?:module|text\/javascript|application\/javascript|speculationrules)\1(?:\s|$|\/)/i;

/** Digests of the inline scripts in one page, in the policy's form. */
export function inlineScripts(html: string): string[] {
  const digests: string[] = [];
  for (const [, attributes = '', body = ''] of html.matchAll(SCRIPT)) {
    if (/\bsrc=/i.test(attributes)) continue;
    if (/\btype=/i.test(attributes) && !EXECUTED.test(attributes)) continue;
    digests.push(`'sha256-${createHash('sha256').update(body).digest('base64')}'`);
  }
  return digests;
}

/** Digests over every page of a built site, each once, sorted. */
export async function siteScripts(site: string): Promise<string[]> {
  const digests = new Set<string>();
  for (const entry of await readdir(site, { recursive: true })) {
    if (!entry.endsWith('.html')) continue;
    for (const digest of inlineScripts(await readFile(join(site, entry), 'utf8'))) digests.add(digest);
  }
  return [...digests].sort();
}

/**
 * `wasm-unsafe-eval` is for the search, which is WebAssembly. `style-src` must allow inline styles: the
 * highlighter colours each word of a step with a style attribute and xterm writes a style sheet of its own;
 * attributes cannot be allowed by digest.
 */
export function policy(scripts: string[], port: number): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${scripts.join(' ')}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

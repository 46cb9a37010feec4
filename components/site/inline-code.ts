/** Tells what inline code names, so that files, variables and options are set apart from commands on the page. */
import { defineHastPlugin } from 'satteri';

/** Ends that make a bare word a file name: `cluster.env`, `etcd.service`. */
const FILE_END =
  /\.(?:conf|config|crt|csr|css|db|env|gz|img|iso|json|key|link|log|md|mdx|mjs|mount|network|pem|pub|raw|service|sh|slice|socket|sqlite|tar|timer|toml|ts|txt|xz|yaml|yml|zst)$/;

export function kindOfCode(text: string): 'of-file' | 'of-variable' | 'of-option' | undefined {
  if (/^\$?\{?(?:KFS|ETCDCTL)_[A-Z0-9_]*\}?…?$/.test(text) || /^\$[A-Z_][A-Z0-9_]*$/.test(text))
    return 'of-variable';
  if (/^--?[A-Za-z][\w-]*(?:[= ]\S{1,12}|=\S*)?$/.test(text)) return 'of-option';
  if (/\s/.test(text) || text.includes('://')) return undefined;
  if (/^(?:~|\.{1,2})?\/(?:[\w.@*{},$+-]+\/?)*$/.test(text)) return 'of-file';
  if (/^\$KFS_[A-Z]+\/[\w./$-]+$/.test(text)) return 'of-file';
  if (/^\.?[\w-]+(?:\/[\w.@-]+)*\/$/.test(text)) return 'of-file';
  return FILE_END.test(text) && /^[\w.@/+-]+$/.test(text) ? 'of-file' : undefined;
}

export const inlineCode = defineHastPlugin({
  name: 'inline-code',
  element: {
    filter: ['code'],
    visit(node, ctx) {
      const parent = ctx.parent(node);
      if (parent?.type === 'element' && parent.tagName === 'pre') return;
      const kind = kindOfCode(ctx.textContent(node));
      if (kind) ctx.setProperty(node, 'class', kind);
    },
  },
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { markdownToHtml, mdxToJs } from 'satteri';
import { compileChapter } from '../../runner/book/chapter.ts';
import { stepsPlugin } from './steps-plugin.ts';

const book = mkdtempSync(join(tmpdir(), 'kfs-site-'));
after(() => rmSync(book, { recursive: true }));
mkdirSync(join(book, 'content'));

/** The site's own processor, without the code frames. */
function render(source: string): string {
  const { html } = markdownToHtml(source, {
    mdastPlugins: [stepsPlugin({ book })],
    features: { directive: true },
  }) as {
    html: string;
  };
  return html;
}

/** Texts of the `<pre>` in the page, entities resolved. */
const texts = (html: string): string[] =>
  [...html.matchAll(/<code class="language-sh">([\s\S]*?)<\/code>/g)].map(match =>
    match[1]!
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#x27;', "'")
      .replaceAll('&amp;', '&'),
  );

const CHAPTER = `
text

\`\`\`\`sh step="go" on="workstation" for="etcd" reboots destroys="the <disk>" title="A file"
cat <<EOF
\`\`\`
	\${VAR} </kfs-step> & "quotes"
EOF
\`\`\`\`

between

\`\`\`sh check="go"
test -f x
\`\`\`

- item

  \`\`\`sh event="drill" on="all" hands="90s" either="way" notrun
  # Press it.
  \`\`\`

  \`\`\`sh check="drill"
  true
  \`\`\`

> \`\`\`sh gate="disk" on="first"
> test -b /dev/vdb
> \`\`\`

\`\`\`sh
ls
\`\`\`
`;

test('each step stands on the page with its text, its check and what the script must know of it', () => {
  const html = render(CHAPTER);
  const { steps } = compileChapter(CHAPTER, 'c.mdx');
  const [go, drill, gate] = steps;
  assert.deepEqual(texts(html), [
    go!.text,
    go!.check!.text,
    drill!.text,
    drill!.check!.text,
    gate!.text,
    'ls\n',
  ]);
  assert.match(
    html,
    new RegExp(
      `<kfs-step id="step-go" role="group" aria-label="Step go" data-step="go" data-kind="step" data-digest="${go!.digest}" data-on="workstation" data-for="etcd" data-destroys="the <disk>">`,
    ),
  );
  assert.match(
    html,
    /data-step="drill" data-kind="event" [^>]*data-on="all" data-hands="" data-minutes="1\.5" data-either="way" data-notrun="">/,
  );
  assert.match(html, /data-step="disk" data-kind="gate" [^>]*data-on="first">/);
  assert.equal(html.match(/<details class="kfs-check"><summary>/g)?.length, 2);
  assert.match(html, /<\/kfs-step>\s*<p>between<\/p>\s*<ul>/);
  assert.match(
    html,
    /Runs on the workstation, once for each machine with the role etcd\.<\/span> <span class="kfs-notice">Destroys the &lt;disk&gt;; asks/,
  );
  assert.match(html, /Must hold on the first machine\./);
});

test('the code frame sees a title, and no attribute of the step', () => {
  const { code } = mdxToJs(CHAPTER, { mdastPlugins: [stepsPlugin({ book })] }) as { code: string };
  assert.match(code, /kfs-step/);
  let metas: unknown[] = [];
  markdownToHtml(CHAPTER, {
    mdastPlugins: [stepsPlugin({ book })],
    hastPlugins: [
      {
        name: 'metas',
        element: {
          filter: ['code'],
          visit(node) {
            metas = [...metas, (node.data as { meta?: string } | undefined)?.meta ?? ''];
          },
        },
      },
    ],
  });
  assert.ok(metas.includes('title="A file"'));
  assert.ok(!metas.some(meta => /step=|check=|on=/.test(String(meta))), metas.join());
});

test('the recorded run is shown for its own text only', () => {
  const { steps } = compileChapter(CHAPTER, 'c.mdx');
  const record = (entries: object): void =>
    writeFileSync(join(book, 'content', 'record.json'), JSON.stringify({ format: 1, steps: entries }));
  record({
    go: { digest: steps[0]!.digest, durationMs: 2100, subject: 'm1', output: 'made <it>\n' },
    drill: { digest: 'older', durationMs: 5, subject: 'm1', output: 'secret of old' },
  });
  const html = render(CHAPTER);
  assert.match(html, /Took 2\.1 s in the recorded run\./);
  assert.match(html, /<details class="kfs-output"[^>]*>.*<samp>made &lt;it&gt;\n<\/samp>/s);
  assert.match(html, /The recorded run is of an older text\./);
  assert.ok(!html.includes('secret of old'));
  writeFileSync(join(book, 'content', 'record.json'), '{}');
  assert.throws(() => render(CHAPTER), /record\.json:1:1: this is not a record/);
  rmSync(join(book, 'content', 'record.json'));
});

test('a step that does not compile stops the page with its line', () => {
  assert.throws(
    () => render('text\n\n```sh step="a" on="nowhere"\nx\n```\n'),
    /chapter\.mdx:3:16: `on`: unknown role `nowhere`/,
  );
});

test('a page without a fence is left alone', () =>
  assert.equal(render('a *b*\n').trim(), '<p>a <em>b</em></p>'));

/** Chapters as long as a real one: prose with code words, a table, files, and ten steps with their checks. */
const STEPS = 10;

export function chapterText(number: number): string {
  const sections = Array.from({ length: STEPS }, (_, index) => section(number, index + 1));
  return `---
title: Chapter ${number}
description: What chapter ${number} is for, in one sentence.
---

${PARAGRAPH}

${sections.join('\n')}
## What we have now

| File | Whose | What for |
|---|---|---|
${sections.map((_, index) => `| \`/etc/part/${number}-${index + 1}.conf\` | root | the settings of section ${index + 1} |`).join('\n')}
`;
}

const section = (chapter: number, section: number): string => `## Section ${section}

${PARAGRAPH}

\`\`\`sh step="write-${chapter}-${section}" on="workstation"
mkdir -p "$KFS_HOME/${chapter}"
for word in alpha beta gamma; do
  printf '%s %s\\n' "$word" "${section}" >>"$KFS_HOME/${chapter}/${section}.conf"
done
\`\`\`

\`\`\`sh check="write-${chapter}-${section}"
grep --quiet 'gamma ${section}' "$KFS_HOME/${chapter}/${section}.conf"
\`\`\`

${PARAGRAPH}
`;

const PARAGRAPH = `The flag \`--client-cert-auth\` asks each client for a certificate, and \`--trusted-ca-file\` names the
authority that must have signed it. Without the first the second is read and never used, which is why both stand here:
a member that answers a stranger is a member that tells a stranger everything. The file \`/etc/etcd/etcd.env\` holds the
rest; the variable \`KFS_ADDRESS\` is the machine's own address, as the plan has it.`;

/** End-to-end tests in a real Chromium, by Playwright. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Counts, nothingMatches, runCommand, type Suite, tool } from './suite.ts';

export const browserSuite: Suite = {
  name: 'browser',
  needs: ['chromium'],
  about: 'reading, clicking and proving in Chromium against the real runner',
  async run({ output, signal, filter }) {
    const report = join(output, 'report.json');
    const args = [
      'test',
      '--config',
      'e2e/playwright.config.ts',
      '--reporter=list,json',
      ...(filter ? ['--pass-with-no-tests', filter] : []),
    ];
    const status = await runCommand(tool('playwright'), args, signal, {
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    });
    const counts = countsOfReport(readFileSync(report, 'utf8'), status);
    const some = Object.values(counts).some(count => count > 0);
    return filter && !some ? nothingMatches(filter) : counts;
  },
};

/** Totals of Playwright's JSON report; a flaky test is a failed one. */
function countsOfReport(text: string, status: number): Counts {
  const { stats } = JSON.parse(text) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  };
  const failed = stats.unexpected + stats.flaky;
  return {
    passed: stats.expected,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: stats.skipped,
  };
}

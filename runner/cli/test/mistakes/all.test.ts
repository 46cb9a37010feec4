import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsBelow } from './act.ts';
import { MISTAKES } from './all.ts';
import { deedsOf } from './deeds.ts';
import { todoOf } from './table.ts';

test('each mistake has its row in the table, and a cure that is the row has something to run', async () => {
  for (const { title, chapter, row, cure } of MISTAKES) {
    const todo = todoOf(chapter, row);
    assert.ok(todo, `${title}: no row \`${row}\` in ${chapter}`);
    if (cure !== 'row') continue;
    const deeds = deedsOf(todo);
    assert.notEqual(deeds.length, 0, `${title}: nothing to run in: ${todo}`);
    for (const deed of deeds) {
      if (!('section' in deed)) continue;
      const steps = await stepsBelow(chapter, deed.section);
      assert.notEqual(steps.length, 0, `${chapter} has no steps below ${deed.section}`);
    }
  }
});

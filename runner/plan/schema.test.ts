import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldSchema, type JsonSchema, planJsonSchema } from './schema.ts';
import { COMPONENTS, VERSIONS } from './versions.ts';

/** Every field with its path; lists by `[]`. */
function fields(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
    fields(field, path ? `${path}.${key}` : key),
  );
  const items = schema.items?.properties ? fields(schema.items, `${path}[]`) : [];
  return [
    ...(path && !path.endsWith('[]') ? [[path, schema] as [string, JsonSchema]] : []),
    ...inner,
    ...items,
  ];
}

test('every field that a person writes is described for editors', () => {
  const bare = fields(planJsonSchema()).filter(
    ([path, field]) => !field.description && !path.startsWith('versions.'),
  );
  assert.deepEqual(
    bare.map(([path]) => path),
    [],
  );
});

test('editors see what is required, what is default, and that nothing else may be there', () => {
  const schema = planJsonSchema();
  assert.deepEqual(schema.required, ['name', 'network', 'api', 'machines']);
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.properties?.domain?.default, 'kfs.home.arpa');
  assert.deepEqual(fieldSchema(['machines', 0])?.required, ['name', 'mac', 'address', 'roles', 'disk']);
});

test('each component has a version of three numbers', () => {
  for (const component of COMPONENTS) {
    assert.match(component, /^[a-z]+(_[a-z]+)*$/);
    assert.match(VERSIONS[component], /^\d+\.\d+\.\d+$/);
    assert.equal(fieldSchema(['versions', component])?.default, VERSIONS[component]);
  }
});

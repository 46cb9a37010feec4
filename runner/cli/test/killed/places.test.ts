import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseDisturbances, randomFrom } from './places.ts';

const CHAPTERS = ['one', 'two', 'three'];

test('the same seed gives the same places, another seed others', () => {
  const from = (seed: number) => chooseDisturbances(10, CHAPTERS, randomFrom(seed));
  assert.deepEqual(from(7), from(7));
  assert.notDeepEqual(from(7), from(8));
});

test('places come in the order of the book, and every way has its turn', () => {
  const places = chooseDisturbances(30, CHAPTERS, randomFrom(1));
  const order = places.map(({ chapter }) => CHAPTERS.indexOf(chapter));
  assert.deepEqual(order, order.toSorted());
  for (const way of ['runner', 'link', 'power'])
    assert.equal(places.filter(place => place.way === way).length, 10);
});

test('the moments are spread over the whole chapter', () => {
  const random = randomFrom(42);
  const drawn = Array.from({ length: 1000 }, random);
  assert.ok(drawn.every(value => value >= 0 && value < 1));
  for (let tenth = 0; tenth < 10; tenth++)
    assert.ok(drawn.filter(value => Math.floor(value * 10) === tenth).length > 60);
});

/**
 * What a hands step asks of a person, in a word that a power driver understands too: the first comment of the step
 * begins with it, `# cut: pull the plug …`. Without such a word only a person can do it.
 */
export const HANDS_ACTIONS = ['install', 'power-on', 'power-off', 'cut', 'reset'] as const;
export type HandsAction = (typeof HANDS_ACTIONS)[number];

export function handsAction(text: string): HandsAction | undefined {
  const word = /^#\s*([a-z-]+):/.exec(text.trimStart())?.[1];
  return HANDS_ACTIONS.find(action => action === word);
}

/**
 * A shell text as the rules look at it: pipelines of commands, their words, redirections and here-documents. It is
 * no full grammar: what a rule does not ask for is left out, and a text that bash refuses gives a tree of what was
 * understood (`bash -n` reports it). Offsets count characters within the text, from 0.
 */

export interface Script {
  pipelines: Pipeline[];
}

export interface Pipeline {
  commands: Command[];
}

export interface Command {
  /** Where its first word or redirection begins. */
  at: number;
  /** `NAME=value` before the first word. */
  assignments: Assignment[];
  words: Word[];
  redirects: Redirect[];
  /** For `{ }`, `( )`, `if`, `for`, `while`, `case` and functions: what they hold. `words` then has their own words. */
  body?: Script;
  /** The body runs in a process of its own: `( )`. */
  subshell?: boolean;
}

export interface Assignment {
  at: number;
  name: string;
  value: Word;
}

export interface Word {
  at: number;
  /** As written. */
  raw: string;
  /** Quotes and backslashes taken away; `$X`, `${X}` and `$(…)` stand as written. */
  value: string;
  /** What `$(…)`, backticks and `<(…)` in it run. */
  substitutions: Script[];
  /** Parts in single quotes, in which nothing expands. */
  literals: string[];
}

export interface Redirect {
  at: number;
  /** The descriptor written before it, or its default. */
  fd: number;
  /** `>`, `>>`, `>|`, `&>`, `&>>`, `>&`, `<`, `<>`, `<&`, `<<`, `<<-`, `<<<`. */
  operator: string;
  target: Word;
  hereDocument?: HereDocument;
}

export interface HereDocument {
  /** Of the first character of the body. */
  at: number;
  body: string;
  /** The closing word was quoted: nothing expands in the body. */
  quoted: boolean;
  substitutions: Script[];
}

/** All commands of a script, those in bodies and substitutions too, in the order in which they begin. */
export function* commandsOf(script: Script): Generator<Command> {
  for (const pipeline of script.pipelines)
    for (const command of pipeline.commands) {
      yield command;
      for (const inner of substitutionsOf(command)) yield* commandsOf(inner);
      if (command.body) yield* commandsOf(command.body);
    }
}

/** All pipelines of a script, those in bodies and substitutions too. */
export function* pipelinesOf(script: Script): Generator<Pipeline> {
  for (const pipeline of script.pipelines) {
    yield pipeline;
    for (const command of pipeline.commands) {
      if (command.body) yield* pipelinesOf(command.body);
      for (const inner of substitutionsOf(command)) yield* pipelinesOf(inner);
    }
  }
}

/** What the command's words, assignments, redirections and here-documents run. */
export function substitutionsOf(command: Command): Script[] {
  return [
    ...command.assignments.flatMap(assignment => assignment.value.substitutions),
    ...command.words.flatMap(word => word.substitutions),
    ...command.redirects.flatMap(one => [
      ...one.target.substitutions,
      ...(one.hereDocument?.substitutions ?? []),
    ]),
  ];
}

/** Line and column of an offset, both from 0. */
export function lineOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

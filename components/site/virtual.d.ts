declare module 'virtual:book' {
  export const outline: import('./outline.ts').ShownOutline;
  export const glossary: import('../../runner/book/glossary.ts').GlossaryTerm[];
  export const files: import('./written-files.ts').WrittenFiles;
  export const ports: import('./opened-ports.ts').PortRow[];
  export const loopback: import('./loopback.ts').LoopbackRow[];
  export const benchmark: import('../../runner/cis/controls.ts').Benchmark | undefined;
  /** Where each step is, below the book's base, by its id. */
  export const steps: Record<string, string>;
  export const times: import('./times.ts').Times | undefined;
}

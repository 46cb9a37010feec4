declare module 'virtual:book' {
  export const outline: import('./outline.ts').Outline;
  export const glossary: import('./glossary.ts').GlossaryTerm[];
}

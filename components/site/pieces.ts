/** Plain text with `code` in backticks, cut into its pieces: what YAML files and tables may hold, without Markdown. */
export interface Piece {
  code: boolean;
  text: string;
}

export const pieces = (text: string): Piece[] =>
  text
    .split(/(`[^`]+`)/)
    .filter(Boolean)
    .map(part =>
      part.startsWith('`') ? { code: true, text: part.slice(1, -1) } : { code: false, text: part },
    );

/**
 * The book's own code theme, light and dark: ink for what runs, three hues and no more. Petrol for variables, moss for
 * strings and files' bodies, the rubric for options; comments in faint italics. All pairs pass 4.5 : 1 on their ground.
 */
interface Palette {
  ground: string;
  ink: string;
  faint: string;
  keyword: string;
  variable: string;
  string: string;
  option: string;
}

const light: Palette = {
  ground: '#f4f5f0',
  ink: '#1b2427',
  faint: '#667174',
  keyword: '#6b2f7a',
  variable: '#0b5a67',
  string: '#3f5d1c',
  option: '#97371b',
};
const dark: Palette = {
  ground: '#0d1315',
  ink: '#dbe1de',
  faint: '#879396',
  keyword: '#cfa6dc',
  variable: '#82c8d3',
  string: '#b3cb8d',
  option: '#eba184',
};

function theme(name: string, type: 'light' | 'dark', colour: Palette) {
  const rule = (scope: string[], foreground: string, fontStyle?: string) => ({
    scope,
    settings: { foreground, fontStyle },
  });
  return {
    name,
    type,
    colors: {
      'editor.background': colour.ground,
      'editor.foreground': colour.ink,
      'terminal.background': colour.ground,
      'terminal.foreground': colour.ink,
    },
    settings: [
      { settings: { foreground: colour.ink, background: colour.ground } },
      rule(['comment', 'punctuation.definition.comment'], colour.faint, 'italic'),
      rule(['string', 'markup.inline.raw', 'string.unquoted.heredoc'], colour.string),
      rule(['string.unquoted.argument', 'entity.name.command', 'entity.name.function.call'], colour.ink),
      rule(['entity.name.function', 'support.function', 'entity.name.command'], colour.ink, 'bold'),
      rule(['constant.other.option', 'constant.other.option.dash'], colour.option),
      rule(
        ['variable', 'punctuation.definition.variable', 'support.variable', 'meta.embedded'],
        colour.variable,
      ),
      rule(['keyword', 'storage', 'keyword.operator.heredoc'], colour.keyword),
      rule(['keyword.operator'], colour.ink),
      rule(['entity.name.tag', 'support.type.property-name', 'entity.name.section'], colour.variable),
      rule(['constant.numeric', 'constant.language', 'constant.character'], colour.option),
    ],
  };
}

export const codeThemes = [theme('book-dark', 'dark', dark), theme('book-light', 'light', light)];

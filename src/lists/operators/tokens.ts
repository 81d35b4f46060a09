/** How operands and values fall into tokens. */

/** Text operators: split on bytes <= 0x20 and comma. */
export function textTokens(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Tokyo Cabinet's separators are exactly the bytes up to the blank.
  return text.split(/[\u0000- ,]+/).filter((token) => token !== '');
}

/** Number operators, and full-text operators after normalisation: split on blank and comma. */
export function blankTokens(text: string): string[] {
  return text.split(/[ ,]+/).filter((token) => token !== '');
}

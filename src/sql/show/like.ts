/**
 * LIKE as SHOW applies it: without regard to case, `%` any text, `_` any character, `\` takes the next character as it is. Two pointers
 * and one point to go back to, so that no pattern takes longer than its length times the text's.
 */
export function matchesLike(text: string, pattern: string): boolean {
  const subject = [...text.toLowerCase()];
  const tokens = tokensOf(pattern);
  let at = 0;
  let token = 0;
  let retryAt = -1;
  let retryToken = -1;
  while (at < subject.length) {
    const wanted = tokens[token];
    if (wanted === ANY_TEXT) {
      retryAt = at;
      retryToken = token++;
    } else if (wanted !== undefined && (wanted === ANY_CHARACTER || wanted === subject[at])) {
      at++;
      token++;
    } else if (retryToken >= 0) {
      at = ++retryAt;
      token = retryToken + 1;
    } else return false;
  }
  while (tokens[token] === ANY_TEXT) token++;
  return token === tokens.length;
}

/** Longer than one character, so that no character of a text equals them. */
const ANY_TEXT = 'any text';
const ANY_CHARACTER = 'any character';

function tokensOf(pattern: string): string[] {
  const tokens: string[] = [];
  const characters = [...pattern.toLowerCase()];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    const next = characters[i + 1];
    if (character === '\\' && next !== undefined) {
      tokens.push(next);
      i++;
    } else if (character === '%') {
      if (tokens.at(-1) !== ANY_TEXT) tokens.push(ANY_TEXT);
    } else tokens.push(character === '_' ? ANY_CHARACTER : character);
  }
  return tokens;
}

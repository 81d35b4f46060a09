/** Classes of characters for the lexer: tables, because a lookup per character is what the hot path consists of. */

// 0 is no class: a character that begins no token.
export const CLASS_SPACE = 1;
export const CLASS_LETTER = 2;
export const CLASS_DIGIT = 3;
export const CLASS_QUOTE = 4;
export const CLASS_BACKTICK = 5;
export const CLASS_DOT = 6;
export const CLASS_AT = 7;
export const CLASS_PARAMETER = 8;
export const CLASS_COLON = 9;
/** Characters that may begin a comment, or end an executable one: / - # * */
export const CLASS_COMMENT = 10;
/** An operator that is always one character long. */
export const CLASS_SINGLE = 11;
/** An operator that may go on: < > = ! | & */
export const CLASS_OPERATOR = 12;

/** Class of each ASCII character. Everything beyond is a letter (MySQL manual, "Schema Object Names"). */
export const CHARACTER_CLASS = new Uint8Array(128);
/** 1 for what may go on in an unquoted identifier. */
export const IDENTIFIER_PART = new Uint8Array(128);
/** The operator that one character makes, by its code. */
export const SINGLE_OPERATOR: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

function classify(characters: string, characterClass: number): void {
  for (const character of characters) CHARACTER_CLASS[character.charCodeAt(0)] = characterClass;
}

classify(' \t\n\v\f\r', CLASS_SPACE);
classify('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$', CLASS_LETTER);
classify('0123456789', CLASS_DIGIT);
classify('\'"', CLASS_QUOTE);
classify('`', CLASS_BACKTICK);
classify('.', CLASS_DOT);
classify('@', CLASS_AT);
classify('?', CLASS_PARAMETER);
classify(':', CLASS_COLON);
classify('/-#*', CLASS_COMMENT);
classify('(),;+%^~{}', CLASS_SINGLE);
classify('<>=!|&', CLASS_OPERATOR);
for (let code = 0; code < 128; code++) {
  const characterClass = CHARACTER_CLASS[code];
  if (characterClass === CLASS_LETTER || characterClass === CLASS_DIGIT) IDENTIFIER_PART[code] = 1;
}

export function isIdentifierPart(code: number): boolean {
  return code < 128 ? IDENTIFIER_PART[code] === 1 : code >= 128;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

export function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

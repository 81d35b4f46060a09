/**
 * The full-text operators compare normalised text: white space squeezed and trimmed, lower-cased, accents stripped, full-width forms
 * folded to half-width and half-width katakana to full-width (Tokyo Cabinet's tcstrucsnorm, taken from Latin and Greek to all of Unicode).
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters count as white space, as in Tokyo Cabinet.
const WHITE = /[\s\u0000-\u001f\u007f]+/g;
const PLAIN_ASCII = /^[ -~]*$/;
/** Full-width and half-width forms; only these are folded, not all that NFKC would (superscripts, ligatures, circled numbers). */
const WIDTH_FORMS = /[\uff01-\uffee]+/g;
/** Combining diacritical marks. Not all marks: in Indic and Arabic scripts they are letters. */
const ACCENTS = /[\u0300-\u036f]+/g;
/** Letters that carry their accent inside and do not decompose. */
const STROKED: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ł: 'l', ŧ: 't', ı: 'i', ς: 'σ' };
const STROKED_LETTERS = /[øđðħłŧıς]/g;
const DASHES = /[\u2010\u2015\u2212]/g;

export function normalise(text: string): string {
  if (PLAIN_ASCII.test(text)) return squeeze(text.toLowerCase());
  const folded = text
    .replace(WIDTH_FORMS, (forms) => forms.normalize('NFKC'))
    .replace(DASHES, '-')
    .replaceAll('\u2019', "'")
    .replaceAll('\u2033', '"')
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTS, '')
    .replace(STROKED_LETTERS, (letter) => STROKED[letter] ?? letter)
    // Composed again, so that one Hangul syllable does not match the beginning of another.
    .normalize('NFC');
  return squeeze(folded);
}

function squeeze(text: string): string {
  return text.replace(WHITE, ' ').trim();
}

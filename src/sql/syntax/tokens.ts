/** What the lexer can say about a piece of text. Plain numbers: they are compared for every token of every statement. */

export const TOKEN_END = 0;
/** An unquoted identifier or keyword. */
export const TOKEN_WORD = 1;
export const TOKEN_QUOTED_IDENTIFIER = 2;
/** `operator` says which; punctuation too. */
export const TOKEN_OPERATOR = 3;
/** @name */
export const TOKEN_USER_VARIABLE = 4;
/** The two signs before a system variable's name. */
export const TOKEN_SYSTEM_VARIABLE = 5;
/** An optimizer hint: comment with a plus, behind SELECT, INSERT, REPLACE, UPDATE or DELETE. */
export const TOKEN_HINT = 6;
/** From here on: tokens that are slots. */
export const TOKEN_STRING = 8;
export const TOKEN_INT = 9;
export const TOKEN_DECIMAL = 10;
export const TOKEN_FLOAT = 11;
export const TOKEN_HEX = 12;
export const TOKEN_BITS = 13;
export const TOKEN_PARAMETER = 14;

/** The least kind that is a slot. */
export const TOKEN_FIRST_SLOT = 8;

/**
 * The current token and the questions that the parser's functions ask of it. Holds what one parse() carries along: the options, how deep
 * it is, which slots' values went into the tree.
 */
import type { SluiceError } from '../../errors.ts';
import { failure } from '../../errors.ts';
import { MAX_EXPRESSION_DEPTH, MAX_IDENTIFIER_CHARS } from '../../limits.ts';
import type { Expression, SlotExpression } from '../ast.ts';
import type { LexerMark } from './lexer.ts';
import { Lexer } from './lexer.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { syntaxError } from './syntax-error.ts';
import * as token from './tokens.ts';

/** MySQL's own limit (its nest_level bitmap). */
const QUERY_NESTING_MAX = 63;
/** Slot expressions carry nothing but their number, so that all statements share them: a bulk insert makes no object per value. */
const SHARED_SLOTS_MAX = 100_000;
const sharedSlots: SlotExpression[] = [];

function slotExpression(index: number): SlotExpression {
  if (index >= SHARED_SLOTS_MAX) return { kind: 'slot', index };
  for (let next = sharedSlots.length; next <= index; next++) sharedSlots.push({ kind: 'slot', index: next });
  return sharedSlots[index]!;
}

export interface StreamMark {
  readonly lexer: LexerMark;
  readonly word: string;
  readonly previousEnd: number;
}

export class TokenStream {
  readonly options: SyntaxOptions;
  /** The current token is an unquoted word: in upper case, else ''. */
  word = '';
  /** Do the names of the columns of the query being parsed reach anyone? Then literals in them are pinned. */
  columnNamesMatter = true;
  readonly #lexer = new Lexer();
  readonly #pinned = new Set<number>();
  readonly #parameters = new Set<number>();
  #selectInto: string[] | undefined;
  #depth = 0;
  #queryDepth = 0;
  /** How high the tree of what is being parsed is so far. */
  #height = 0;
  /** Where the token before the current one ended. */
  #previousEnd = 0;
  #previousStart = 0;

  constructor(sql: string, options: SyntaxOptions) {
    this.options = options;
    this.#lexer.reset(sql, options);
    this.advance();
  }

  get sql(): string {
    return this.#lexer.sql;
  }

  get kind(): number {
    return this.#lexer.kind;
  }

  get start(): number {
    return this.#lexer.start;
  }

  get previousEnd(): number {
    return this.#previousEnd;
  }

  get slotCount(): number {
    return this.#lexer.slotCount;
  }

  get pinnedSlots(): number[] {
    return [...this.#pinned].sort((a, b) => a - b);
  }

  /** Goes to the next token. Hints are not seen here: they stand behind a statement's first word only, see hint(). */
  advance(): void {
    const lexer = this.#lexer;
    this.#previousEnd = lexer.end;
    this.#previousStart = lexer.start;
    let kind = lexer.next();
    while (kind === token.TOKEN_HINT) kind = lexer.next();
    this.word = kind === token.TOKEN_WORD && lexer.asciiWord ? lexer.text().toUpperCase() : '';
  }

  /** Goes past the statement's first word and the optimizer hint behind it, if any, and returns that. */
  advanceWithHint(): string | undefined {
    const lexer = this.#lexer;
    const word = lexer.mark();
    const hint = lexer.next() === token.TOKEN_HINT ? lexer.text().slice(3, -2).trim() : undefined;
    lexer.goBack(word);
    this.advance();
    return hint;
  }

  /** INTO within a SELECT belongs to the query around it: the SELECT leaves it here when it is complete. */
  leaveSelectInto(variables: string[] | undefined): void {
    this.#selectInto = variables;
  }

  takeSelectInto(): string[] | undefined {
    const variables = this.#selectInto;
    this.#selectInto = undefined;
    return variables;
  }

  mark(): StreamMark {
    return { lexer: this.#lexer.mark(), word: this.word, previousEnd: this.#previousEnd };
  }

  goBack(mark: StreamMark): void {
    this.#lexer.goBack(mark.lexer);
    this.word = mark.word;
    this.#previousEnd = mark.previousEnd;
  }

  /** Makes (does not throw) the error for the current token. */
  unexpected(): SluiceError {
    return syntaxError(this.sql, this.start);
  }

  /** The same for the token before the current one. */
  unexpectedPrevious(): SluiceError {
    return syntaxError(this.sql, this.#previousStart);
  }

  unsupported(construct: string): SluiceError {
    return failure('ER_NOT_SUPPORTED_YET', construct);
  }

  get atEnd(): boolean {
    return this.kind === token.TOKEN_END;
  }

  /** At the end of the text or at a semicolon. */
  get atStatementEnd(): boolean {
    return this.kind === token.TOKEN_END || this.isOperator(';');
  }

  /** Goes to the end of the statement. */
  skipStatement(): void {
    while (!this.atStatementEnd) this.advance();
  }

  isWord(word: string): boolean {
    return this.word === word;
  }

  acceptWord(word: string): boolean {
    if (this.word !== word) return false;
    this.advance();
    return true;
  }

  expectWord(word: string): void {
    if (this.word !== word) throw this.unexpected();
    this.advance();
  }

  /** Accepts all of the words, or none. */
  acceptWords(first: string, second: string, third?: string): boolean {
    if (this.word !== first) return false;
    const mark = this.mark();
    this.advance();
    if (this.acceptWord(second) && (third === undefined || this.acceptWord(third))) return true;
    this.goBack(mark);
    return false;
  }

  /** Accepts one of the words and says which. */
  acceptAnyWord<Word extends string>(words: readonly Word[]): Word | undefined {
    if (this.word === '') return undefined;
    const found = words.find((word) => word === this.word);
    if (found !== undefined) this.advance();
    return found;
  }

  isOperator(operator: string): boolean {
    return this.#lexer.kind === token.TOKEN_OPERATOR && this.#lexer.operator === operator;
  }

  acceptOperator(operator: string): boolean {
    if (this.#lexer.kind !== token.TOKEN_OPERATOR || this.#lexer.operator !== operator) return false;
    this.advance();
    return true;
  }

  expectOperator(operator: string): void {
    if (!this.acceptOperator(operator)) throw this.unexpected();
  }

  /** '' where the current token is no operator. */
  get operator(): string {
    return this.#lexer.kind === token.TOKEN_OPERATOR ? this.#lexer.operator : '';
  }

  /** Is the current token `first` and the next one `second`? */
  areWords(first: string, second: string): boolean {
    if (this.word !== first) return false;
    const mark = this.mark();
    this.advance();
    const same = this.word === second;
    this.goBack(mark);
    return same;
  }

  /** May the current token be a name? */
  isIdentifier(): boolean {
    return (
      this.kind === token.TOKEN_QUOTED_IDENTIFIER ||
      (this.kind === token.TOKEN_WORD && (this.word === '' || !RESERVED_WORDS.has(this.word)))
    );
  }

  /** A name: quoted, or a word that is not reserved. Throws ER_PARSE_ERROR, ER_TOO_LONG_IDENT. */
  identifier(): string {
    if (!this.isIdentifier()) throw this.unexpected();
    return this.takeName();
  }

  /** Behind a point any word is a name. */
  identifierBehindPoint(): string {
    if (this.kind !== token.TOKEN_QUOTED_IDENTIFIER && this.kind !== token.TOKEN_WORD) throw this.unexpected();
    return this.takeName();
  }

  /** The current token, which is a word or a quoted identifier, as a name. */
  takeName(): string {
    const name = this.#lexer.name();
    if (name.length > MAX_IDENTIFIER_CHARS) throw failure('ER_TOO_LONG_IDENT', name);
    this.advance();
    return name;
  }

  isString(): boolean {
    return this.kind === token.TOKEN_STRING;
  }

  /** An identifier or a string, as aliases, character sets and users may be. */
  isIdentifierOrString(): boolean {
    return this.isString() || this.isIdentifier();
  }

  identifierOrString(): string {
    return this.isString() ? this.stringValue() : this.identifier();
  }

  /** A string whose value goes into the tree, which pins its slot. */
  stringValue(): string {
    if (this.kind !== token.TOKEN_STRING) throw this.unexpected();
    this.#pinned.add(this.#lexer.slot);
    const value = this.#lexer.string();
    this.advance();
    return value;
  }

  /** A non-negative integer that goes into the tree, which pins its slot. */
  intValue(): number {
    if (this.kind !== token.TOKEN_INT) throw this.unexpected();
    const { value } = this.#lexer.literal();
    if (typeof value !== 'number') throw this.unexpected();
    this.#pinned.add(this.#lexer.slot);
    this.advance();
    return value;
  }

  isSlot(): boolean {
    return this.kind >= token.TOKEN_FIRST_SLOT;
  }

  isInt(): boolean {
    return this.kind === token.TOKEN_INT;
  }

  /** Whole numbers and parameters are what LIMIT takes. */
  isLimitNumber(): boolean {
    return this.kind === token.TOKEN_INT || this.kind === token.TOKEN_PARAMETER;
  }

  /** The current literal or parameter, as an expression. */
  slot(): SlotExpression {
    const index = this.#lexer.slot;
    let list = false;
    if (this.kind === token.TOKEN_PARAMETER) {
      this.#parameters.add(index);
      list = this.#lexer.isListParameter();
    }
    this.advance();
    return list ? { kind: 'slot', index, list } : slotExpression(index);
  }

  /** The value of the current string without going past it. */
  firstString(): string {
    return this.#lexer.firstString();
  }

  /** Pins the literals from slot `from` to before slot `to`: their text is in a column's name. */
  pinBetween(from: number, to: number): void {
    for (let index = from; index < to; index++) if (!this.#parameters.has(index)) this.#pinned.add(index);
  }

  /** The number that the current token, or the next slot behind it, has. */
  get nextSlot(): number {
    return this.isSlot() ? this.#lexer.slot : this.#lexer.slotCount;
  }

  isUserVariable(): boolean {
    return this.kind === token.TOKEN_USER_VARIABLE;
  }

  /** Goes past `@name` and returns the name. */
  userVariable(): string {
    if (!this.isUserVariable()) throw this.unexpected();
    const name = this.#lexer.name();
    this.advance();
    return name;
  }

  /** The text from `start` to the end of the token before the current one. */
  textFrom(start: number): string {
    return this.sql.slice(start, Math.max(start, this.#previousEnd));
  }

  /** `item`s with commas between. */
  list<Item>(item: (tokens: TokenStream) => Item): Item[] {
    const items = [item(this)];
    while (this.acceptOperator(',')) items.push(item(this));
    return items;
  }

  parenthesised<Item>(inside: (tokens: TokenStream) => Item): Item {
    this.expectOperator('(');
    const item = inside(this);
    this.expectOperator(')');
    return item;
  }

  /**
   * Runs `parse` one level deeper. Bounds the recursion of the parser, and with it (see grow()) of everything that walks the tree.
   */
  nested(parse: (tokens: TokenStream) => Expression): Expression {
    const before = this.startOperand();
    const expression = this.descend(parse);
    this.grow();
    this.endOperand(before);
    return expression;
  }

  /** Runs `parse` one level deeper, for what is no expression: a table in parentheses, a query. */
  descend<Item>(parse: (tokens: TokenStream) => Item): Item {
    const before = this.startOperand();
    if (++this.#depth > MAX_EXPRESSION_DEPTH) throw this.#tooDeep();
    const item = parse(this);
    this.#depth--;
    this.endOperand(before);
    return item;
  }

  /** What is parsed from here to endOperand() stands beside what was parsed before, not on top of it. */
  startOperand(): number {
    const before = this.#height;
    this.#height = 0;
    return before;
  }

  endOperand(before: number): void {
    if (this.#height < before) this.#height = before;
  }

  /** What is being parsed got one level higher on top of its highest operand, as a + b + c does without any nesting. */
  grow(): void {
    this.#height++;
    if (this.#height + this.#depth > MAX_EXPRESSION_DEPTH) throw this.#tooDeep();
  }

  /** Runs `parse` for a query inside a query. */
  nestedQuery<Item>(columnNamesMatter: boolean, parse: (tokens: TokenStream) => Item): Item {
    const outer = this.columnNamesMatter;
    if (++this.#queryDepth > QUERY_NESTING_MAX)
      throw this.unsupported(`queries nested more than ${QUERY_NESTING_MAX} deep`);
    this.columnNamesMatter = columnNamesMatter;
    const item = this.descend(parse);
    this.columnNamesMatter = outer;
    this.#queryDepth--;
    return item;
  }

  #tooDeep(): SluiceError {
    return this.unsupported(`expressions nested more than ${MAX_EXPRESSION_DEPTH} deep`);
  }
}

/**
 * Finds the intervals that a value lies in without trying them all: a search tree by lower ends in which every node knows the highest upper end below it
 * (Cormen et al., Introduction to Algorithms, "Interval trees"), kept in balance by random priorities (a treap). Ends belong to their intervals; null is open.
 */

interface Node<Value, Item> {
  readonly low: Value | null;
  readonly high: Value | null;
  /** Of one interval. */
  readonly items: Set<Item>;
  readonly priority: number;
  left: Node<Value, Item> | null;
  right: Node<Value, Item> | null;
  /** The highest upper end of this node and those below it; null: there is none. */
  highest: Value | null;
}

type Tree<Value, Item> = Node<Value, Item> | null;

export class IntervalIndex<Value, Item> {
  readonly #compare: (a: Value, b: Value) => number;
  #root: Tree<Value, Item> = null;
  #seed = 1;

  /** `compare` decides which values are equal, and their order. */
  constructor(compare: (a: Value, b: Value) => number) {
    this.#compare = compare;
  }

  get isEmpty(): boolean {
    return this.#root === null;
  }

  add(low: Value | null, high: Value | null, item: Item): void {
    const known = this.#find(low, high);
    if (known !== null) {
      known.items.add(item);
      return;
    }
    const node = { low, high, items: new Set([item]), priority: this.#draw(), left: null, right: null, highest: high };
    this.#root = this.#inserted(this.#root, node);
  }

  remove(low: Value | null, high: Value | null, item: Item): void {
    const node = this.#find(low, high);
    if (!node?.items.delete(item) || node.items.size > 0) return;
    this.#root = this.#without(this.#root, node);
  }

  /** Each item whose interval the value lies in. */
  visit(value: Value, visit: (item: Item) => void): void {
    this.#visit(this.#root, value, visit);
  }

  #visit(tree: Tree<Value, Item>, value: Value, visit: (item: Item) => void): void {
    if (tree === null || !this.#isBelow(value, tree.highest)) return;
    this.#visit(tree.left, value, visit);
    // Everything to the right begins here or later.
    if (tree.low !== null && this.#compare(tree.low, value) > 0) return;
    if (this.#isBelow(value, tree.high)) for (const item of tree.items) visit(item);
    this.#visit(tree.right, value, visit);
  }

  #isBelow(value: Value, high: Value | null): boolean {
    return high === null || this.#compare(value, high) <= 0;
  }

  /** By lower ends, open ones first, then by upper ends, open ones last. */
  #order(lowA: Value | null, highA: Value | null, lowB: Value | null, highB: Value | null): number {
    if (lowA === null || lowB === null) {
      if (lowA !== lowB) return lowA === null ? -1 : 1;
    } else {
      const by = this.#compare(lowA, lowB);
      if (by !== 0) return by;
    }
    if (highA === null || highB === null) return highA === highB ? 0 : highA === null ? 1 : -1;
    return this.#compare(highA, highB);
  }

  #find(low: Value | null, high: Value | null): Tree<Value, Item> {
    let tree = this.#root;
    while (tree !== null) {
      const by = this.#order(low, high, tree.low, tree.high);
      if (by === 0) return tree;
      tree = by < 0 ? tree.left : tree.right;
    }
    return null;
  }

  #inserted(tree: Tree<Value, Item>, node: Node<Value, Item>): Node<Value, Item> {
    if (tree === null) return node;
    if (this.#order(node.low, node.high, tree.low, tree.high) < 0) {
      tree.left = this.#inserted(tree.left, node);
      if (tree.left.priority > tree.priority) return this.#turnedRight(tree, tree.left);
    } else {
      tree.right = this.#inserted(tree.right, node);
      if (tree.right.priority > tree.priority) return this.#turnedLeft(tree, tree.right);
    }
    this.#refresh(tree);
    return tree;
  }

  #without(tree: Tree<Value, Item>, node: Node<Value, Item>): Tree<Value, Item> {
    if (tree === null) return null;
    if (tree === node) return this.#joined(tree.left, tree.right);
    if (this.#order(node.low, node.high, tree.low, tree.high) < 0) tree.left = this.#without(tree.left, node);
    else tree.right = this.#without(tree.right, node);
    this.#refresh(tree);
    return tree;
  }

  /** All of `left` comes before all of `right`. */
  #joined(left: Tree<Value, Item>, right: Tree<Value, Item>): Tree<Value, Item> {
    if (left === null || right === null) return left ?? right;
    if (left.priority > right.priority) {
      left.right = this.#joined(left.right, right);
      this.#refresh(left);
      return left;
    }
    right.left = this.#joined(left, right.left);
    this.#refresh(right);
    return right;
  }

  #turnedRight(tree: Node<Value, Item>, left: Node<Value, Item>): Node<Value, Item> {
    tree.left = left.right;
    left.right = tree;
    this.#refresh(tree);
    this.#refresh(left);
    return left;
  }

  #turnedLeft(tree: Node<Value, Item>, right: Node<Value, Item>): Node<Value, Item> {
    tree.right = right.left;
    right.left = tree;
    this.#refresh(tree);
    this.#refresh(right);
    return right;
  }

  #refresh(tree: Node<Value, Item>): void {
    let highest = tree.high;
    for (const below of [tree.left, tree.right]) {
      if (below === null || highest === null) continue;
      if (below.highest === null || this.#compare(below.highest, highest) > 0) highest = below.highest;
    }
    tree.highest = highest;
  }

  /** Any numbers do, as long as they come in no order (a linear congruential generator). */
  #draw(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed;
  }
}

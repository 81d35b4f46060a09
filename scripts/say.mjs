/** One line per step, marked so that it stands out from what the tools print. */
export function say(/** @type {string} */ line) {
  console.log(`> ${line}`);
}

/** Ends the script: what went wrong, and what would put it right. */
export function fail(/** @type {string} */ reason) {
  console.error(`! ${reason}`);
  process.exit(1);
}

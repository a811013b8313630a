// Every wait of a test has an end. These are ends for what hangs, not measurements: a slow machine must not reach them.
export const patience = 15_000;

/// The promise, or an error that says what did not happen.
export async function within(promise, what, milliseconds = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/// Waits until `look()` returns something true, and returns that. For what has no event: another process's memory or files.
export async function until(look, what, milliseconds = patience) {
  const end = performance.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
